"""Random numbers of accumulated batches against those of single ones."""

from pathlib import Path

import pytest
import torch

from recsys.commands import main
from recsys.train import module
from recsys.train.sharing import share
from recsys.types import Slate


def test_each_batch_draws_its_own_however_many_make_a_step(
    workplace: Path, tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []

    def note(slate: Slate, rank: int, ranks: int) -> Slate:
        seeds.append(torch.initial_seed())
        return share(slate, rank, ranks)

    monkeypatch.setattr(module, "share", note)
    words = ["train", *tiny, "model=mf", "metrics=ranking", "batch_size=32", "trainer.max_epochs=2"]
    assert main([*words, "hydra.run.dir=single"]) == 0
    single, seeds = seeds, []
    assert main([*words, "+trainer.accumulate_grad_batches=2", "hydra.run.dir=double"]) == 0
    assert len(set(single)) == len(single) > 4
    assert seeds == single

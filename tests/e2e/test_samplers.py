"""Samplers that remember or ask the model: a run in two parts against one in a single part; the model put back.

Independent source: the run that was left alone, and the state before.
"""

import json
from pathlib import Path

import pytest
import torch

from recsys import flow
from recsys.build import build
from recsys.commands import main
from recsys.compose import Request, build_config, groups, screen, session

SAMPLERS = {
    "cross_batch": ["sampling.queue=200"],
    "shared": ["sampling.negatives=30"],
    "hard": ["sampling.skip=2", "sampling.pool=10", "sampling.every=3"],
    "mixed": ["sampling.uniform=30"],
    "cluster": ["sampling.column=genres"],
    "impressions": ["sampling.window=0"],
}


def train(folder: str, *words: str) -> dict[str, object]:
    assert main(["train", *words, f"hydra.run.dir={folder}"]) == 0
    return json.loads((Path(folder) / "metrics.json").read_text())


@pytest.mark.parametrize("sampler", ["cross_batch", "hard"])
def test_a_run_in_two_parts_ends_with_the_numbers_of_one_in_a_single_part(
    sampler: str, workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, "batch_size=64", "model=two_tower", "model.dropout=0.1", "loss=sampled_softmax"]
    words += [f"sampling={sampler}", *SAMPLERS[sampler]]
    whole = train("whole", *words, "trainer.max_epochs=4")
    train("parts", *words, "trainer.max_epochs=2")
    last = Path("parts/checkpoints/last.ckpt").resolve()
    again = train("parts", *words, "trainer.max_epochs=4", f"ckpt_path={last}")
    assert again == whole


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("loss", ["bpr", "sampled_softmax"])
def test_each_trains_a_model_with_features_of_the_moment(
    sampler: str, loss: str, workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, "model=two_tower", f"sampling={sampler}", f"loss={loss}", *SAMPLERS[sampler]]
    words += ["features=[counters]", "trainer.max_epochs=2"]
    found = train("run", *words)
    assert found["test"]


@pytest.mark.parametrize("model", ["two_tower", "graphsage", "mf"])
def test_asking_the_model_leaves_mode_gradients_and_random_numbers_alone(
    model: str, workplace: Path, tiny: list[str]
) -> None:
    request = Request(
        "train", (*tiny, f"model={model}", "sampling=hard", "loss=sampled_softmax"), config_dirs=()
    )
    with session(request):
        parts = build(build_config(request, screen(request)), groups(request.folders))
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    batch = next(iter(flow.data_module(parts, prepared.encoded, recommender).train_dataloader()))
    recommender.train()
    before = torch.random.get_rng_state()
    scorer = recommender.current(3)
    users, items = scorer.users(batch), scorer.items()
    assert scorer.step == 3
    assert torch.equal(before, torch.random.get_rng_state())
    assert recommender.model.training
    assert not users.requires_grad
    assert not items.requires_grad
    assert (len(users), len(items)) == (len(batch.user), prepared.encoded.schema.n_items)
    recommender.eval()
    assert not recommender.model.training
    recommender.current(0).items()
    assert not recommender.model.training

"""What samplers make of the rows' weights, against the definition; and losses of weighted rows by hand."""

import inspect
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import get_class
from omegaconf import OmegaConf
from torch.nn.functional import logsigmoid

from recsys.loss.bce import BCE
from recsys.loss.bpr import BPR
from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.types import TrainRows

FILES = {file.stem: file for file in sorted((Path(__file__).parents[2] / "conf" / "sampling").glob("*.yaml"))}
PAIRS = [(0, 1), (1, 2), (2, 3), (3, 0)]
WEIGHT = torch.tensor([2.0, 0.5, 0.0, 1.0])

Make = Callable[..., Any]


def weighted(make_rows: Make) -> TrainRows:
    return replace(make_rows(PAIRS), weight=WEIGHT)


@pytest.fixture(params=FILES)
def sampler(request: pytest.FixtureRequest, make_sampler: Make, make_rows: Make) -> Sampler:
    config: Any = OmegaConf.to_container(OmegaConf.load(FILES[request.param]))
    target = get_class(config.pop("_target_"))
    if request.param in ("undersample", "oversample"):
        config["rate"] = 1.0
    assert inspect.isclass(target)
    return make_sampler(target, make_rows(PAIRS), 4, 6, **config)


def test_rows_without_weights_make_a_slate_without(sampler: Sampler, make_rows: Make) -> None:
    assert sampler(make_rows(PAIRS), torch.Generator().manual_seed(0)).weights is None


def test_the_positive_has_the_weight_of_its_row_and_negatives_1_but_beside_weight_0(
    sampler: Sampler, make_rows: Make
) -> None:
    slate = sampler(weighted(make_rows), torch.Generator().manual_seed(0))
    assert slate.weights is not None
    assert (slate.weights.shape, slate.weights.dtype) == (slate.labels.shape, torch.float32)
    assert torch.equal(slate.weights[slate.labels > 0], WEIGHT)
    negatives = (WEIGHT > 0).float()[:, None].expand(slate.labels.shape)
    assert torch.equal(slate.weights[slate.labels == 0], negatives[slate.labels == 0])


def test_weights_do_not_change_what_is_drawn(sampler: Sampler, make_rows: Make) -> None:
    plain = deepcopy(sampler)(make_rows(PAIRS), torch.Generator().manual_seed(3))
    slate = sampler(weighted(make_rows), torch.Generator().manual_seed(3))
    for name in ("user", "items", "labels", "mask"):
        assert torch.equal(getattr(plain, name), getattr(slate, name))


def test_a_loss_of_pairs_counts_each_row_by_its_weight(make_sampler: Make, make_rows: Make) -> None:
    from recsys.sampling.uniform import Uniform

    sampler = make_sampler(Uniform, make_rows(PAIRS), 4, 6, negatives=2)
    slate = sampler(weighted(make_rows), torch.Generator().manual_seed(0))
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    total = weight = 0.0
    for row, of_row in enumerate(WEIGHT.tolist()):
        for column in (1, 2):
            if slate.mask[row, column]:
                total -= of_row * float(logsigmoid(logits[row, 0] - logits[row, column]))
                weight += of_row
    assert float(BPR()(logits, slate)) == pytest.approx(total / weight, rel=1e-5)


def test_a_loss_of_cells_counts_labelled_rows_by_their_weight(make_sampler: Make, make_rows: Make) -> None:
    from recsys.sampling.none import NoSampling

    labels = torch.tensor([1.0, 0.0, 1.0, 0.0])
    slate = NoSampling()(replace(weighted(make_rows), label=labels), torch.Generator())
    logits = torch.tensor([0.3, -1.0, 2.0, 0.7])
    cells = [-float(logsigmoid(x if y else -x)) for x, y in zip(logits, labels, strict=True)]
    wanted = sum(c * w for c, w in zip(cells, WEIGHT.tolist(), strict=True)) / float(WEIGHT.sum())
    assert float(BCE()(logits[:, None], slate)) == pytest.approx(wanted, rel=1e-5)


def test_a_row_of_weight_0_has_no_gradient(sampler: Sampler, make_rows: Make) -> None:
    slate = sampler(weighted(make_rows), torch.Generator().manual_seed(0))
    logits = torch.zeros(slate.labels.shape, requires_grad=True)
    BCE()(logits, slate).backward()
    assert logits.grad is not None
    assert not logits.grad[2].any()
    assert bool(logits.grad[0].any())


def test_weights_and_tasks_stay_with_their_rows(make_rows: Make) -> None:
    train = replace(weighted(make_rows), tasks={"like": torch.arange(4.0)})
    chosen = rows.select(train, torch.tensor([3, 0]))
    assert chosen.weight is not None
    assert chosen.weight.tolist() == [1.0, 2.0]
    assert chosen.tasks["like"].tolist() == [3.0, 0.0]
    sliced = rows.select(train, slice(1, 3))
    assert sliced.weight is not None
    assert sliced.weight.tolist() == [0.5, 0.0]
    assert rows.select(make_rows(PAIRS), torch.tensor([0])).weight is None


def test_popularity_counts_rows_by_their_weight(make_rows: Make) -> None:
    from recsys.model.popularity import Popularity
    from recsys.types import Schema

    model = Popularity(Schema(n_users=4, n_items=6, fields=()))
    model.fit(replace(make_rows([(0, 1), (1, 1), (2, 3), (3, 0)]), weight=WEIGHT))
    assert model.score.tolist() == pytest.approx(torch.tensor([1, 2.5, 0, 0, 0, 0]).log1p().tolist())

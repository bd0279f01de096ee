"""Rows of weight 0 in whole runs: what learns from the graph is as without them, what knows the past is not.

Independent source: the same rows left out.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from recsys import flow
from recsys.build import Parts, build
from recsys.check import remarks
from recsys.compose import Request, build_config, groups, screen, session
from recsys.ops import csr, rows
from recsys.train.module import Recommender
from recsys.types import TrainRows

GRAPH = [
    "ease",
    "slim",
    "ials",
    "item_knn",
    "gf_cf",
    "bspm",
    "common_neighbours",
    "lightgcn",
    "graphsage",
]
CAP = ["preparation=[popularity_cap]", "preparation.popularity_cap.share=0.05"]
REWEIGHT = ["preparation=[reweight]", "preparation.reweight.column=country"]


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def made(parts: Parts, prepared: flow.Prepared, train: TrainRows) -> Recommender:
    """A recommender for these training rows, fitted where that takes one step."""
    recommender = flow.assemble(parts, replace(prepared.encoded, train=train), prepared.moments)
    if recommender.model.fits:
        recommender.model.fit(train)
    return recommender


def third_weightless(train: TrainRows) -> TrainRows:
    return replace(train, weight=(torch.arange(len(train.item)) % 3 > 0).float())


@pytest.mark.parametrize("model", GRAPH)
def test_a_model_of_the_graph_learns_nothing_from_rows_of_weight_0(
    model: str, workplace: Path, tiny: list[str]
) -> None:
    parts = parts_of([*tiny, f"model={model}"])
    prepared = flow.prepare(parts)
    weighted = third_weightless(prepared.encoded.train)
    assert weighted.weight is not None
    left = rows.select(weighted, (weighted.weight > 0).nonzero().squeeze(1))
    one, other, whole = (
        dict(made(parts, prepared, train).model.named_buffers())
        for train in (weighted, left, prepared.encoded.train)
    )
    assert all(torch.equal(one[name], values) for name, values in other.items())
    assert not all(one[name].shape == v.shape and torch.equal(one[name], v) for name, v in whole.items())


@pytest.mark.parametrize("model", GRAPH)
def test_weights_above_0_leave_the_graph_as_it_is(model: str, workplace: Path, tiny: list[str]) -> None:
    parts = parts_of([*tiny, f"model={model}"])
    prepared = flow.prepare(parts)
    plain = prepared.encoded.train
    weighted = replace(plain, weight=torch.full((len(plain.item),), 0.5))
    one, other = (dict(made(parts, prepared, t).model.named_buffers()) for t in (weighted, plain))
    assert all(torch.equal(one[name], values) for name, values in other.items())


def test_samplers_and_metrics_know_rows_of_weight_0(workplace: Path, tiny: list[str]) -> None:
    parts = parts_of([*tiny, "model=lightgcn", "sampling=uniform", "sampling.negatives=20"])
    prepared = flow.prepare(parts)
    train = third_weightless(prepared.encoded.train)
    recommender = made(parts, prepared, train)
    positive = train.label > 0
    taken = set(zip(train.user[positive].tolist(), train.item[positive].tolist(), strict=True))
    known = recommender.evaluator.facts.graph.user_items
    assert set(zip(csr.rows_of(known).tolist(), known.idx.tolist(), strict=True)) == taken
    assert recommender.sampler is not None
    batch = rows.select(train, positive.nonzero().squeeze(1)[:256])
    slate = recommender.sampler(batch, torch.Generator().manual_seed(0))
    drawn = slate.mask[:, 1:]
    users = slate.user[:, None].expand(drawn.shape)
    assert taken.isdisjoint(zip(users[drawn].tolist(), slate.items[:, 1:][drawn].tolist(), strict=True))


@pytest.mark.parametrize("model", [*GRAPH[:7], "random"])
def test_weights_that_a_model_does_not_read_are_remarked_on(
    model: str, workplace: Path, tiny: list[str]
) -> None:
    remark = f"weights other than 0 are not read by model={model}"
    for words in (REWEIGHT, ["label=weighted_events"]):
        assert remark in remarks(parts_of([*tiny, f"model={model}", *words]))
    assert remark not in remarks(parts_of([*tiny, f"model={model}", *CAP]))


@pytest.mark.parametrize("model", ["popularity", "trending", "lightgcn", "mf"])
def test_weights_that_are_read_are_not(model: str, workplace: Path, tiny: list[str]) -> None:
    for words in (REWEIGHT, ["label=weighted_events"]):
        assert "weights" not in "; ".join(remarks(parts_of([*tiny, f"model={model}", *words])))

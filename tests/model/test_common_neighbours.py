"""Independent source: sets of neighbours in Python."""

import math
from dataclasses import replace
from typing import Literal

import pytest
import torch

from recsys.model.common_neighbours import CommonNeighbours
from recsys.ops import csr
from recsys.types import Counts, Facts, Graph, Schema, Slate, UserError

EDGES = [(0, 1), (0, 4), (3, 1), (3, 2), (6, 2), (6, 1), (5, 4), (5, 2), (2, 6)]
WEIGHTS: list[Literal["one", "inverse_log"]] = ["one", "inverse_log"]


def graph_of(edges: list[tuple[int, int]], n_users: int, n_items: int) -> Graph:
    user, item = torch.tensor(edges).T
    return Graph(csr.from_pairs(user, item, n_users), csr.from_pairs(item, user, n_items))


def friends(graph: Graph, *, links: bool) -> Facts:
    """Seven users, and seven items of the same ids."""
    counts, keys = Counts(torch.zeros(7), torch.zeros(7), 8, 0), [*range(7)]
    return Facts(counts, graph, keys={"user": keys, "item": keys}, links=links)


def worth(degree: int, weight: str) -> float:
    if weight == "one":
        return 1.0
    return 1 / math.log(degree) if degree > 1 else 0.0


@pytest.mark.parametrize("weight", WEIGHTS)
def test_where_items_are_users_it_sums_over_the_friends_in_common(
    weight: Literal["one", "inverse_log"],
) -> None:
    graph = graph_of(EDGES, 7, 7)
    model = CommonNeighbours(Schema(7, 7, ()), graph, friends(graph, links=True), weight=weight)
    every = torch.arange(7)
    none = torch.zeros(7, 7)
    logits = model(Slate(every, every, none, none > 0))
    near = {n: {b for a, b in EDGES if a == n} | {a for a, b in EDGES if b == n} for n in range(7)}
    for user in range(7):
        for other in range(7):
            expected = sum(worth(len(near[w]), weight) for w in near[user] & near[other])
            assert math.isclose(float(logits[user, other]), expected, abs_tol=1e-5)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_else_it_sums_over_what_is_shared_with_the_items_audience(
    weight: Literal["one", "inverse_log"], schema: Schema, slate: Slate
) -> None:
    graph = graph_of(EDGES, 7, 9)
    facts = Facts(Counts(torch.zeros(7), torch.zeros(9), 8, 0), graph)
    model = CommonNeighbours(schema, graph, facts, weight=weight)
    taken = {n: {b for a, b in EDGES if a == n} for n in range(7)}
    audience = {n: {a for a, b in EDGES if b == n} for n in range(9)}
    slate = replace(slate, user=torch.tensor([0, 3, 5, 6]))
    logits = model(slate)
    for row, user in enumerate(slate.user.tolist()):
        for column, item in enumerate(slate.items[row].tolist()):
            shared = [taken[user] & taken[v] for v in audience[item]]
            expected = sum(worth(len(audience[j]), weight) for both in shared for j in both)
            assert math.isclose(float(logits[row, column]), expected, abs_tol=1e-5)


def test_equal_ids_alone_do_not_make_items_users() -> None:
    graph, every, none = graph_of(EDGES, 7, 7), torch.arange(7), torch.zeros(7, 7)
    slate, schema = Slate(every, every, none, none > 0), Schema(7, 7, ())
    bipartite = CommonNeighbours(schema, graph, friends(graph, links=False))(slate)
    named = CommonNeighbours(schema, graph, replace(friends(graph, links=False), keys={}))(slate)
    mutual = CommonNeighbours(schema, graph, friends(graph, links=True))(slate)
    assert torch.equal(bipartite, named)
    assert not torch.equal(bipartite, mutual)
    asked = CommonNeighbours(schema, graph, friends(graph, links=False), shared=True)(slate)
    assert torch.equal(asked, mutual)


def test_items_that_are_not_the_users_are_not_taken_for_them() -> None:
    graph = graph_of(EDGES, 7, 7)
    facts = replace(friends(graph, links=False), keys={"user": [*range(7)], "item": [*"abcdefg"]})
    with pytest.raises(UserError, match=r"model.shared=true takes items for users"):
        CommonNeighbours(Schema(7, 7, ()), graph, facts, shared=True)

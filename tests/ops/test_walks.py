"""Against networkx (PageRank), and against dense matrix products (what an audience shares with a user)."""

import networkx as nx
import pytest
import torch
from torch import Tensor

from recsys.ops import csr, walks
from recsys.types import Csr

USERS, ITEMS, MARKS = 12, 9, 15


def drawn(rows: int, columns: int, seed: int) -> tuple[Csr, Tensor]:
    """Lists, and the same as a matrix; the last row is empty."""
    links = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed)) < 0.25
    links[-1] = False
    row, column = links.nonzero().unbind(1)
    return csr.from_pairs(row, column, rows), links.long()


@pytest.mark.parametrize("damping", [0.5, 0.85, 0.95])
def test_pagerank_is_that_of_networkx(damping: float) -> None:
    user_items, links = drawn(USERS, ITEMS, 0)
    item_users = csr.from_pairs(links.nonzero()[:, 1], links.nonzero()[:, 0], ITEMS)
    graph = nx.Graph()
    graph.add_nodes_from(range(USERS + ITEMS))
    graph.add_edges_from((user, USERS + item) for user, item in links.nonzero().tolist())
    expected = nx.pagerank(graph, alpha=damping, tol=1e-13, max_iter=2000)
    ranks = torch.cat(walks.pagerank(user_items, item_users, damping=damping, rounds=1000))
    assert ranks.tolist() == pytest.approx(
        [expected[n] * (USERS + ITEMS) for n in range(USERS + ITEMS)], abs=1e-8
    )


def test_pagerank_without_a_link_is_the_average() -> None:
    nothing = csr.from_pairs(torch.tensor([], dtype=torch.int64), torch.tensor([], dtype=torch.int64), 3)
    users, items = walks.pagerank(nothing, nothing)
    assert torch.cat([users, items]).tolist() == pytest.approx([1.0] * 6)


@pytest.mark.parametrize("cells", [1, 40, 2**22])
@pytest.mark.parametrize("asked", [1, 200])
def test_shared_is_the_product_of_the_matrices_by_user_and_by_item(
    monkeypatch: pytest.MonkeyPatch, cells: int, asked: int
) -> None:
    monkeypatch.setattr(walks, "CELLS", cells)
    marks, marked = drawn(USERS, MARKS, 1)
    audience, heard = drawn(ITEMS, USERS, 2)
    generator = torch.Generator().manual_seed(3)
    weights = torch.randint(1, 100, (2, MARKS), generator=generator)
    user = torch.randint(USERS, (asked,), generator=generator)
    item = torch.randint(ITEMS, (asked,), generator=generator)
    expected = torch.stack([(heard @ marked @ torch.diag(w) @ marked.T)[item, user] for w in weights])
    for way in (walks.shared, walks._by_item, walks._by_user):
        assert torch.equal(way(audience, marks, weights, user, item), expected)


def test_no_question_has_no_answer() -> None:
    marks, _ = drawn(USERS, MARKS, 1)
    audience, _ = drawn(ITEMS, USERS, 2)
    nobody = torch.tensor([], dtype=torch.int64)
    ones = torch.ones(1, MARKS, dtype=torch.int64)
    assert walks.shared(audience, marks, ones, nobody, nobody).tolist() == [[]]


def test_one_alone_shares_nothing() -> None:
    weights = walks.inverse_log(torch.tensor([0, 1, 2, 3])).double() / walks.UNIT
    assert weights.tolist() == pytest.approx([0, 0, 1.442695, 0.910239], abs=1e-6)

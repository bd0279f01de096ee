"""Hand-made facts that the tests of the slicers share."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from recsys.ops import csr
from recsys.slices import Slicer
from recsys.types import Attribute, Counts, Csr, Facts, Graph, Groups, HoldoutRows

DAY = 86_400


def of_lists(lists: Sequence[Sequence[int]]) -> Csr:
    """A Csr with the given rows."""
    rows = torch.tensor([row for row, values in enumerate(lists) for _ in values], dtype=torch.int64)
    columns = torch.tensor([value for values in lists for value in values], dtype=torch.int64)
    return csr.from_pairs(rows, columns, len(lists))


def facts_of(rows_of_user: Sequence[int], rows_of_item: Sequence[int], **given: Any) -> Facts:
    """Facts from the number of positive rows of each user and item; the graph is left empty."""
    counts = Counts(torch.tensor(rows_of_user), torch.tensor(rows_of_item), sum(rows_of_user), 0)
    graph = Graph(of_lists([[] for _ in rows_of_user]), of_lists([[] for _ in rows_of_item]))
    return Facts(counts, graph, **given)


def rows_of(n: int, time: Sequence[int] | None = None) -> HoldoutRows:
    """Held-out rows of user 0 and item 0."""
    zeros = torch.zeros(n, dtype=torch.int64)
    return HoldoutRows(zeros, zeros, torch.ones(n), None if time is None else torch.tensor(time))


def members(groups: Groups) -> dict[str, list[int]]:
    """Who is in each group, by name, in the order of the names."""
    found: dict[str, list[int]] = {name: [] for name in groups.names}
    if isinstance(groups.of, Csr):
        pairs = list(zip(csr.rows_of(groups.of).tolist(), groups.of.idx.tolist(), strict=True))
    else:
        pairs = [(entity, place) for entity, place in enumerate(groups.of.tolist()) if place >= 0]
    for entity, place in pairs:
        found[groups.names[place]].append(entity)
    return found


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., Facts]:
    """Facts from counts of users and of items, and the other attributes by name."""
    return facts_of


@pytest.fixture(scope="session")
def grouped() -> Callable[..., dict[str, dict[str, list[int]]]]:
    """What a slicer makes of facts: by way and group, who is in it."""

    def run(
        slicer: Slicer, facts: Facts, rows: HoldoutRows | None = None, **attributes: Attribute
    ) -> dict[str, dict[str, list[int]]]:
        return {way.name: members(way) for way in slicer.groups(facts, rows or rows_of(1), attributes)}

    return run


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., HoldoutRows]:
    """Held-out rows from their number and times."""
    return rows_of


@pytest.fixture(scope="session")
def make_csr() -> Callable[..., Csr]:
    """A Csr from lists."""
    return of_lists


@pytest.fixture(scope="session")
def facts() -> Facts:
    """Six users and five items with a column of every type."""
    nan = float("nan")
    return facts_of(
        [0, 3, 1, 3, 8, 2],
        [7, 0, 4, 4, 2],
        users={
            "age": Attribute("number", torch.tensor([18.0, 25, nan, 40, 18, 33], dtype=torch.float64)),
            "job": Attribute("category", torch.tensor([1, 0, 1, -1, 1, 2]), ("cook", "nurse", "other")),
            "paid": Attribute("flag", torch.tensor([0, 1, 1, 0, -1, 0]), ("false", "true")),
            "user_id": Attribute("id", torch.arange(6), ("u0", "u1", "u2", "u3", "u4", "u5")),
        },
        items={
            "genres": Attribute(
                "categories", of_lists([[0, 2], [], [2], [1, 2], [0]]), ("war", "noir", "drama")
            ),
            "released": Attribute("time", DAY * torch.tensor([0, 31, 59, 90, nan], dtype=torch.float64)),
        },
        cutoff=100 * DAY,
    )


@pytest.fixture(scope="session")
def rows() -> HoldoutRows:
    """Four rows, from before the cut-off of `facts` to 40 days after it."""
    return HoldoutRows(
        torch.tensor([0, 1, 1, 5]),
        torch.tensor([4, 0, 1, 1]),
        torch.ones(4),
        DAY * torch.tensor([99, 100, 103, 140]),
    )


@pytest.fixture(scope="session")
def attributes() -> dict[str, Attribute]:
    """Context columns of `rows`."""
    return {"device": Attribute("category", torch.tensor([1, 0, 0, -1]), ("phone", "tablet"))}

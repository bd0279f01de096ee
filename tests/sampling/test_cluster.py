"""Independent source: lists of free items by hand, the mixture written out, and a chi-square test."""

import inspect
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.ops import statistics
from recsys.sampling.cluster import Cluster
from recsys.types import Attribute, Csr, Facts, Schema, TrainRows, UserError

MakeRows = Callable[..., TrainRows]

USERS = 5
KIND = [0, 1, 0, 2, 1, 1, 0, 2, -1]
ITEMS = len(KIND)
PAIRS = [(0, 1), (0, 4), (0, 0), (1, 3), (1, 7), (2, 8), (3, 2), *[(4, i) for i in (0, 1, 2, 4, 5, 6)]]


def build(
    train: TrainRows, attribute: Attribute | None, items: int = ITEMS, users: int = USERS, **options: object
) -> Cluster:
    schema = Schema(users, items, ())
    columns = {} if attribute is None else {"kind": attribute}
    facts = Facts(statistics.count(train, schema), statistics.link(train, schema), items=columns)
    return Cluster(schema, facts, **options)  # type: ignore[arg-type]


def shares(user: int, positive: int, same: float) -> dict[int, float]:
    free = [item for item in range(ITEMS) if (user, item) not in PAIRS]
    near = [item for item in free if KIND[item] == KIND[positive]]
    far = [item for item in free if KIND[item] != KIND[positive]]
    if not near or not far:
        return {item: 1 / len(free) for item in free}
    return {i: same / len(near) for i in near} | {i: (1 - same) / len(far) for i in far}


@pytest.mark.parametrize("same", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("user", "item"), [(0, 1), (0, 0), (1, 3), (2, 8), (3, 2), (4, 5)])
def test_items_come_as_often_as_log_q_says(
    make_rows: MakeRows, generator: torch.Generator, user: int, item: int, same: float
) -> None:
    attribute = Attribute("category", torch.tensor(KIND), ("a", "b", "c"))
    sampler = build(make_rows(PAIRS), attribute, column="kind", same=same, negatives=10)
    # Other users in the batch, so that a row's lists do not run into its neighbours'.
    slate = sampler(make_rows([(user, item), (4, 5), (0, 4)] * 1000), generator)
    counted = slate.mask & (slate.labels == 0) & (torch.arange(3000) % 3 == 0)[:, None]
    wanted = {i: q for i, q in shares(user, item, same).items() if q > 0}
    found = Counter(slate.items[counted].tolist())
    assert found.keys() == wanted.keys()
    assert slate.log_q is not None
    stated = dict(zip(slate.items[counted].tolist(), slate.log_q[counted].exp().tolist(), strict=True))
    assert stated == pytest.approx(wanted, rel=1e-5)
    if len(wanted) > 1:
        assert chisquare([found[i] for i in wanted], [q * found.total() for q in wanted.values()]).pvalue > 1e-3


def test_an_item_is_of_the_rarest_of_its_categories(make_rows: MakeRows, generator: torch.Generator) -> None:
    lists = Csr(ptr=torch.tensor([0, 2, 3, 5, 6]), idx=torch.tensor([0, 1, 0, 0, 1, 0]))
    attribute = Attribute("categories", lists, ("common", "rare"))
    train = make_rows([(0, 0), (1, 1)])
    sampler = build(train, attribute, items=4, column="kind", same=1.0, negatives=50)
    slate = sampler(train, generator)
    assert [set(row[1:].tolist()) for row in slate.items] == [{2}, {3}]


def test_without_a_column_items_are_grouped_by_who_took_them_up(
    make_rows: MakeRows, generator: torch.Generator
) -> None:
    pairs = [(user, item + 8 * (user > 5)) for user in range(12) for item in range(8) if item != user % 6]
    train = make_rows(pairs)
    slate = build(train, None, 16, 12, clusters=2, same=1.0, negatives=20)(train, generator)
    for (user, item), row in zip(pairs, slate.items, strict=True):
        assert set(row[1:].tolist()) == {8 * (item // 8) + user % 6}


def test_someone_who_has_taken_everything_has_no_negatives(
    make_rows: MakeRows, generator: torch.Generator
) -> None:
    train = make_rows([(0, item) for item in range(ITEMS)])
    attribute = Attribute("category", torch.tensor(KIND), ("a", "b", "c"))
    slate = build(train, attribute, column="kind")(train, generator)
    assert slate.mask.sum(1).tolist() == [1] * ITEMS


def test_a_column_that_is_not_there_is_refused(make_rows: MakeRows) -> None:
    with pytest.raises(UserError, match=r"^sampling\.column=genre: "):
        build(make_rows(PAIRS), Attribute("category", torch.tensor(KIND), ("a", "b", "c")), column="genre")
    assert list(inspect.signature(Cluster).parameters)[:2] == ["schema", "facts"]

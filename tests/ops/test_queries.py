"""Independent source: dictionaries of sets, row by row."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import csr, queries
from recsys.types import HoldoutRows, Rows, Schema, TrainRows

USERS, ITEMS = 4, 6
SCHEMA = Schema(USERS, ITEMS, ())
row = st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1), st.booleans())
Raw = list[tuple[int, int, bool]]


def rows(noun: type[Rows], raw: Raw) -> Rows:
    user, item, label = ([r[i] for r in raw] for i in range(3))
    return noun(
        user=torch.tensor(user, dtype=torch.int64),
        item=torch.tensor(item, dtype=torch.int64),
        label=torch.tensor(label, dtype=torch.float32),
        time=torch.arange(len(raw)) + 100,
        context={"device": torch.arange(len(raw)) * 2},
    )


@given(st.lists(row, max_size=20), st.lists(row, min_size=1, max_size=20), st.booleans())
@settings(deadline=None)
def test_queries_are_the_unseen_positives_of_each_user(train: Raw, held: Raw, impressions: bool) -> None:
    seen = {(u, i) for u, i, positive in train if positive or not impressions}
    wanted = {(u, i) for u, i, positive in held if positive}
    asked = queries.ask(
        rows(HoldoutRows, held),
        [rows(TrainRows, train)],
        SCHEMA,
        impressions=impressions,  # type: ignore[arg-type]
    )
    users = sorted({u for u, i in wanted - seen})
    assert asked.user.tolist() == users
    assert asked.dropped == len(wanted & seen)
    pairs = zip(asked.user[csr.rows_of(asked.relevant)].tolist(), asked.relevant.idx.tolist(), strict=True)
    assert set(pairs) == wanted - seen
    known = zip(asked.user[csr.rows_of(asked.seen)].tolist(), asked.seen.idx.tolist(), strict=True)
    assert set(known) == {(u, i) for u, i in seen if u in users}
    first = {u: next(n for n, r in enumerate(held) if r[0] == u) for u in users}
    assert asked.time is not None
    assert asked.time.tolist() == [first[u] + 100 for u in users]
    assert asked.context["device"].tolist() == [first[u] * 2 for u in users]


def test_cut_gives_a_block_as_it_stands_in_the_whole() -> None:
    held = [(u, i, True) for u in range(4) for i in range(u + 1)]
    whole = queries.ask(rows(HoldoutRows, held), [rows(TrainRows, [(0, 5, True)])], SCHEMA, impressions=False)  # type: ignore[arg-type]
    block = queries.cut(whole, 1, 3)
    assert block.user.tolist() == [1, 2]
    assert block.relevant.idx.tolist() == [0, 1, 0, 1, 2]
    assert csr.lengths(block.relevant).tolist() == [2, 3]

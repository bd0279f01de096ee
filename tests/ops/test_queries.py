"""Independent source: dictionaries of sets, row by row."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import csr, queries
from recsys.types import Csr, HoldoutRows, Protocol, Queries, Rows, Schema, TrainRows

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


def ask(train: Raw, held: Raw, *, impressions: bool = False, **protocol: object) -> Queries:
    return queries.ask(
        rows(HoldoutRows, held),  # type: ignore[arg-type]
        [rows(TrainRows, train)],
        SCHEMA,
        Protocol(**protocol),  # type: ignore[arg-type]
        impressions=impressions,
    )


def pairs_of(asked: Queries, lists: Csr) -> set[tuple[int, int]]:
    return set(zip(asked.user[csr.rows_of(lists)].tolist(), lists.idx.tolist(), strict=True))


@given(st.lists(row, max_size=20), st.lists(row, min_size=1, max_size=20), st.booleans())
@settings(deadline=None)
def test_queries_are_the_unseen_positives_of_each_user(train: Raw, held: Raw, impressions: bool) -> None:
    seen = {(u, i) for u, i, positive in train if positive or not impressions}
    wanted = {(u, i) for u, i, positive in held if positive}
    asked = ask(train, held, impressions=impressions)
    users = sorted({u for u, i in wanted - seen})
    assert asked.user.tolist() == users
    lost = len(wanted & seen)
    assert any(note.startswith(f"{lost} positives left out") for note in asked.notes) == bool(lost)
    without = len({u for u, _, _ in held}) - len(users)
    assert any(note.startswith(f"{without} users have no positive") for note in asked.notes) == bool(without)
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
    whole = ask([(0, 5, True)], held)
    block = queries.cut(whole, 1, 3)
    assert block.user.tolist() == [1, 2]
    assert block.relevant.idx.tolist() == [0, 1, 0, 1, 2]
    assert csr.lengths(block.relevant).tolist() == [2, 3]


@given(st.lists(row, max_size=20), st.lists(row, min_size=1, max_size=20))
@settings(deadline=None)
def test_all_items_are_candidates_where_that_is_asked_for(train: Raw, held: Raw) -> None:
    asked = ask(train, held, candidates="all")
    assert pairs_of(asked, asked.relevant) == {(u, i) for u, i, positive in held if positive}
    assert len(asked.seen.idx) == 0


@given(st.lists(row, max_size=20), st.lists(row, min_size=1, max_size=20))
@settings(deadline=None)
def test_new_items_are_those_of_no_earlier_row(train: Raw, held: Raw) -> None:
    known = {i for _, i, _ in train}
    asked = ask(train, held, candidates="new_items")
    assert asked.barred is not None
    assert set(asked.barred.nonzero().squeeze(1).tolist()) == known
    wanted = {(u, i) for u, i, positive in held if positive}
    assert pairs_of(asked, asked.relevant) == {(u, i) for u, i in wanted if i not in known}


@given(st.lists(row, min_size=1, max_size=20))
@settings(deadline=None)
def test_impressions_are_what_was_shown_in_the_held_out_rows(held: Raw) -> None:
    asked = ask([], held, candidates="impressions", impressions=True)
    assert asked.candidates is not None
    asking = {u for u, _, positive in held if positive}
    assert pairs_of(asked, asked.candidates) == {(u, i) for u, i, _ in held if u in asking}


@given(st.lists(row, max_size=12), st.lists(row, min_size=1, max_size=12), st.integers(1, 8))
@settings(deadline=None)
def test_sampled_candidates_are_the_relevant_and_so_many_others(train: Raw, held: Raw, number: int) -> None:
    full, asked = ask(train, held), ask(train, held, sampled=number)
    if not len(full.user):
        return
    assert asked.candidates is not None
    candidates, relevant = pairs_of(asked, asked.candidates), pairs_of(asked, asked.relevant)
    assert relevant == pairs_of(full, full.relevant) <= candidates
    assert not candidates & pairs_of(full, full.seen)
    for user in asked.user.tolist():
        own = {i for u, i in relevant if u == user}
        free = ITEMS - len(own) - len({i for u, i in pairs_of(full, full.seen) if u == user})
        assert sum(u == user for u, _ in candidates) == len(own) + min(number, free)


def test_sampled_candidates_are_uniform() -> None:
    held = [(0, 0, True)]
    drawn = [ask([(0, 1, True)], held, sampled=2, seed=seed).candidates for seed in range(600)]
    counts = torch.bincount(torch.cat([c.idx for c in drawn if c is not None]), minlength=ITEMS)
    assert counts[0] == 600
    assert counts[1] == 0
    # 600 draws of 2 among 4: 300 each, standard deviation 12.2.
    assert (counts[2:] - 300).abs().max() < 5 * 12.3


def test_a_sampled_result_says_so() -> None:
    assert any("models can change places" in note for note in ask([], [(0, 1, True)], sampled=3).notes)
    assert Protocol(sampled=3).named("ndcg@10") == "sampled3/ndcg@10"


def test_grades_are_the_highest_label_of_a_pair() -> None:
    held = rows(HoldoutRows, [(0, 2, True), (0, 2, True), (0, 1, True), (3, 3, True)])
    held.label[:] = torch.tensor([1.0, 3.0, 2.0, 1.0])
    asked = queries.ask(held, [rows(TrainRows, [])], SCHEMA, Protocol(), impressions=False)  # type: ignore[arg-type]
    assert asked.grade is not None
    assert (asked.relevant.idx.tolist(), asked.grade.tolist()) == ([1, 2, 3], [2.0, 3.0, 1.0])
    block = queries.cut(asked, 1, 2)
    assert block.grade is not None
    assert block.grade.tolist() == [1.0]

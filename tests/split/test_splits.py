"""Each split against a slow version over rows, and for what must never happen: a later event in train."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.split.leave_last_out import LeaveLastOut, Ties
from recsys.split.random import Random
from recsys.split.temporal import Temporal
from recsys.types import Columns, Events, Split, UserError

Row = tuple[int, int, int, int]
rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 12), st.integers(0, 1)),
    min_size=8,
    max_size=40,
)
COLUMNS = Columns(user={"u": "id"}, item={"i": "id"}, context={"at": "time"})


def events(rows: list[Row]) -> Events:
    user, item, time, label = zip(*rows, strict=True)
    log = pl.DataFrame(
        {"user": user, "item": item, "time": time, "label": label, "row": range(len(rows))},
        schema={"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64, "label": pl.Float32, "row": pl.Int64},
    )
    users, items = pl.DataFrame({"u": range(4)}), pl.DataFrame({"i": range(5)})
    return Events(log, users, items, COLUMNS)


def parts(split: Split) -> tuple[list[int], list[int], list[int]]:
    return tuple(part.events.log["row"].to_list() for part in (split.train, split.valid, split.test))  # type: ignore[return-value]


def tried(splitter: Temporal | LeaveLastOut | Random, log: list[Row]) -> Split:
    """The split of a log that has rows for every part."""
    try:
        return splitter.split(events(log))
    except UserError:
        assume(False)
        raise


@given(rows)
@settings(deadline=None, max_examples=80)
def test_temporal_puts_every_row_by_its_moment_and_parts_no_second(log: list[Row]) -> None:
    train, valid, test = parts(tried(Temporal(valid=0.2, test=0.2), log))
    assert sorted(train + valid + test) == list(range(len(log)))
    assert train == sorted(train)
    moments = [[log[row][2] for row in part] for part in (train, valid, test)]
    assert max(moments[0]) < min(moments[1])
    assert max(moments[1]) < min(moments[2])


def test_temporal_shares_and_dates() -> None:
    day = 86_400
    log = [(n % 4, n % 5, n * day, 1) for n in range(100)]
    assert [len(p) for p in parts(Temporal(valid=0.1, test=0.2).split(events(log)))] == [70, 10, 20]
    dated = Temporal(valid_from="1970-03-01", test_from="1970-03-11T00:00:00+00:00")
    assert [len(p) for p in parts(dated.split(events(log)))] == [59, 10, 31]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"valid": 0.6, "test": 0.5}, "their sum below 1"),
        ({"test": 0.0}, "above 0"),
        ({"valid_from": "2020-01-01"}, "give both or none"),
        ({"valid_from": "2020-01-02", "test_from": "2020-01-01"}, "has to be before"),
        ({"valid_from": "soon", "test_from": "later"}, "no date"),
    ],
)
def test_temporal_refuses_impossible_values(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Temporal(**arguments)  # type: ignore[arg-type]


@given(rows)
@settings(deadline=None, max_examples=40)
def test_temporal_counts_the_rows_of_both_boundary_seconds(log: list[Row]) -> None:
    split = tried(Temporal(valid=0.2, test=0.2), log)
    _, valid, test = ([log[row][2] for row in part] for part in parts(split))
    counted = [part.count(min(part)) for part in (valid, test)]
    assert f"{counted[0]} where valid begins, {counted[1]} where test begins" in split.notes[1]


def test_temporal_sends_a_shared_second_to_the_later_part_and_says_so() -> None:
    log = [(n % 4, n % 5, time, 1) for n, time in enumerate([1, 2, 3, 4, 5, 5, 5, 8, 9, 9])]
    split = Temporal(valid=0.3, test=0.2).split(events(log))
    assert parts(split) == ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9])
    assert "3 where valid begins, 2 where test begins; those of one second all went" in split.notes[1]


def slow_last_out(log: list[Row], ties: str = "log") -> tuple[set[int], set[int], set[int]]:
    train, valid, test = set[int](), set[int](), set[int]()
    by_user = defaultdict(list)
    for number, row in enumerate(log):
        within = {"log": number, "item": row[1], "reversed": -number}[ties]
        by_user[row[0]].append((row[2], within, number, row[3]))
    for mine in by_user.values():
        ordered = [(number, label) for *_, number, label in sorted(mine)]
        positives = [number for number, label in ordered if label]
        if len(positives) < 3:
            train |= {number for number, _ in ordered}
            continue
        valid.add(positives[-2])
        test.add(positives[-1])
        cut = [number for number, _ in ordered].index(positives[-2])
        train |= {number for number, _ in ordered[:cut]}
    return train, valid, test


@given(rows, st.sampled_from(["log", "item", "reversed"]))
@settings(deadline=None, max_examples=150)
def test_leave_last_out_is_the_rule_read_row_by_row(log: list[Row], ties: Ties) -> None:
    split = tried(LeaveLastOut(ties=ties), log)
    assert tuple(set(part) for part in parts(split)) == slow_last_out(log, ties)
    kept = sum(len(part) for part in parts(split))
    dropped = [note for note in split.notes if "in no part" in note]
    assert bool(dropped) == (kept < len(log))
    if dropped:
        assert dropped[0].startswith(f"{len(log) - kept} ")


def test_ties_keep_the_logs_order_and_are_counted() -> None:
    log = [(0, item, 5, 1) for item in (3, 1, 2, 0)] + [(1, item, item, 1) for item in range(4)]
    split = LeaveLastOut().split(events(log))
    assert parts(split) == ([0, 1, 4, 5], [2, 6], [3, 7])
    assert split.notes[0].startswith("1 of 2 users'")
    assert split.notes[1].startswith("1 of 2 users' valid rows share their second with a row of train")


@pytest.mark.parametrize(
    ("ties", "expected", "said"),
    [
        ("log", ([0, 1], 2, 3), "the log's order"),
        ("item", ([1, 3], 2, 0), "the order of the items' table"),
        ("reversed", ([2, 3], 1, 0), "the log's order backwards"),
    ],
)
def test_ties_are_taken_in_the_order_that_is_asked_for_and_named(
    ties: Ties, expected: tuple[list[int], int, int], said: str
) -> None:
    split = LeaveLastOut(ties=ties).split(events([(0, item, 5, 1) for item in (3, 1, 2, 0)]))
    assert parts(split) == (expected[0], [expected[1]], [expected[2]])
    assert split.notes[0].endswith(f"valid and test are in {said}")
    assert "recsys train -m split.ties=log,item,reversed" in split.notes[2]


@given(rows)
@settings(deadline=None, max_examples=80)
def test_the_notes_count_the_users_whose_boundary_lies_within_a_second(log: list[Row]) -> None:
    split = tried(LeaveLastOut(), log)
    train, valid, test = (
        {
            user: max(log[row][2] for row in part if log[row][0] == user)
            for user in {log[row][0] for row in part}
        }
        for part in parts(split)
    )
    tied = [sum(valid[user] == test[user] for user in valid), sum(train.get(u) == valid[u] for u in valid)]
    told = [int(note.split(" of ")[0]) for note in split.notes if "share their second" in note]
    assert told == (tied if any(tied) else [])


def test_nothing_is_said_of_ties_where_there_are_none() -> None:
    assert LeaveLastOut().split(events([(0, n, n, 1) for n in range(4)])).notes == ()


@given(rows, st.sampled_from(["all", "user", "item"]), st.integers(0, 3))
@settings(deadline=None, max_examples=80)
def test_random_shares_hold_within_each_group(log: list[Row], by: str, seed: int) -> None:
    split = tried(Random(valid=0.2, test=0.3, by=by, seed=seed), log)  # type: ignore[arg-type]
    train, valid, test = parts(split)
    assert sorted(train + valid + test) == list(range(len(log)))
    place = {"all": None, "user": 0, "item": 1}[by]
    groups = defaultdict(list)
    for number, row in enumerate(log):
        groups[0 if place is None else row[place]].append(number)
    for members in groups.values():
        n = len(members)
        assert abs(len(set(test) & set(members)) - n * 0.3) <= 0.5 + 1e-9
        assert abs(len(set(valid + test) & set(members)) - n * 0.5) <= 0.5 + 1e-9


def test_random_repeats_itself_by_seed_and_can_do_without_a_validation_part() -> None:
    log = [(n % 4, n % 5, n, 1) for n in range(40)]
    assert parts(Random(seed=1).split(events(log))) == parts(Random(seed=1).split(events(log)))
    assert parts(Random(seed=1).split(events(log))) != parts(Random(seed=2).split(events(log)))
    assert [len(p) for p in parts(Random(valid=0.0, test=0.25).split(events(log)))] == [30, 0, 10]


def test_on_movielens_nearly_half_of_the_last_two_ratings_share_their_second(recsys_data: Path) -> None:
    from recsys.data.movielens_100k import MovieLens100K
    from recsys.label.all_positive import AllPositive

    by_user = defaultdict(list)
    for line in (recsys_data / "ml-100k" / "u.data").read_text().splitlines():
        user, item, _, time = line.split("\t")
        by_user[user].append((int(time), len(by_user[user]), item))
    tied = sum(sorted(mine)[-1][0] == sorted(mine)[-2][0] for mine in by_user.values())
    split = LeaveLastOut().split(AllPositive().apply(MovieLens100K().load()))
    assert round(tied / len(by_user), 2) == 0.44
    assert split.notes[0].startswith(f"{tied} of 943 users'")
    log, events_ = split.test.events.log, split.test.events
    last = {
        str(events_.users["user_id"][u]): str(events_.items["item_id"][i])
        for u, i in log["user", "item"].iter_rows()
    }
    assert last == {user: sorted(mine)[-1][2] for user, mine in by_user.items()}


def expected_ndcg(split: Split, k: int = 10) -> float:
    """NDCG@k of popularity for the test rows, read user by user; equal counts in random order."""
    train, seen = split.train.events.log, defaultdict(set)
    counts = np.bincount(train["item"].to_numpy(), minlength=len(split.train.events.items))
    for user, item in pl.concat([train, split.valid.events.log])["user", "item"].iter_rows():
        seen[user].add(item)
    gains = []
    for user, item in split.test.events.log["user", "item"].iter_rows():
        others = np.delete(counts, list(seen[user]))
        above, equal = int((others > counts[item]).sum()), int((others == counts[item]).sum())
        places = np.arange(above + 1, min(above + equal, k) + 1)
        gains.append((1 / np.log2(places + 1)).sum() / equal)
    return float(np.mean(gains))


@pytest.mark.parametrize("ties", ["log", "item", "reversed"])
def test_the_committed_table_of_ties_is_what_numpy_makes_of_the_split(recsys_data: Path, ties: Ties) -> None:
    from recsys.data.movielens_100k import MovieLens100K
    from recsys.label.all_positive import AllPositive

    study = Path(__file__).parents[2] / "experiments" / "ablation" / "time_ties.md"
    told = next(line.split("|") for line in study.read_text().splitlines() if line.startswith(f"| {ties} |"))
    split = LeaveLastOut(ties=ties).split(AllPositive().apply(MovieLens100K().load()))
    assert float(told[2]) == pytest.approx(expected_ndcg(split), abs=6e-5)

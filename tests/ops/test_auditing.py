"""What rows of a split tell of each other, against loops over all pairs of rows."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import auditing
from recsys.types import Columns, Finding, Promise

Row = tuple[int, int, int, str | None]
COLUMNS = Columns(
    user={"u": "id"}, item={"i": "id"}, context={"at": "time", "device": "category", "tags": "categories"}
)
part = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 8), st.sampled_from(["a", "b", None])),
    min_size=1,
    max_size=12,
)


def frame(rows: list[Row]) -> pl.DataFrame:
    user, item, time, device = zip(*rows, strict=True)
    return pl.DataFrame(
        {"user": user, "item": item, "time": time, "device": device, "tags": [["x"]] * len(rows)},
        schema={
            "user": pl.UInt32,
            "item": pl.UInt32,
            "time": pl.Int64,
            "device": pl.String,
            "tags": pl.List(pl.String),
        },
    )


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in findings}


@given(part, part, part)
@settings(deadline=None, max_examples=120)
def test_later_rows_are_counted_over_all_and_within_each_user(
    train: list[Row], valid: list[Row], test: list[Row]
) -> None:
    found = by_name(auditing.in_time([frame(train), frame(valid), frame(test)], ()))
    for name, earlier, later in (("train", train, [*valid, *test]), ("valid", valid, test)):
        own = [[row[2] for row in later if row[0] == mine[0]] for mine in earlier]
        expected = {
            "after": sum(any(mine[2] >= row[2] for row in later) for mine in earlier),
            "after_own": sum(any(mine[2] > t for t in o) for mine, o in zip(earlier, own, strict=True)),
            "same_second": sum(bool(o) and mine[2] == min(o) for mine, o in zip(earlier, own, strict=True)),
        }
        assert {key: found[f"{name}_{key}"].count for key in expected} == expected
        assert found[f"{name}_after"].share == expected["after"] / len(earlier)


@given(part, part, part)
@settings(deadline=None, max_examples=120)
def test_pairs_rows_and_entities_seen_before_are_counted(
    train: list[Row], valid: list[Row], test: list[Row]
) -> None:
    frames = [frame(train), frame(valid), frame(test)]
    pairs = {row[:2] for row in test}
    (seen,) = auditing.of_pairs(frames)
    assert (seen.count, seen.share) == (n := len(pairs & {row[:2] for row in train}), n / len(pairs))
    (twice,) = auditing.of_duplicates(frames, COLUMNS)
    assert twice.count == sum(row in train for row in valid) + sum(row in train or row in valid for row in test)
    found = by_name(auditing.of_entities(frames, ("new_users",)))
    for place, side in enumerate(("user", "item")):
        known, met = {row[place] for row in train}, {row[place] for row in test}
        assert found[f"cold_{side}s"].count == len(met - known)
    users = [{row[0] for row in rows} for rows in (train, valid, test)]
    several = (users[1] & users[0]) | (users[2] & (users[0] | users[1]))
    assert (found["known_users"].count, found["known_users"].broken) == (len(several), bool(several))
    assert "known_items" not in found


def severities(*promises: Promise) -> dict[str, tuple[str, bool]]:
    """What is made of a user's row that is later than her held-out one."""
    parts = [frame([(0, 0, 9, "a"), (1, 0, 0, "a")]), frame([(0, 1, 3, "a")]), frame([(0, 2, 4, "a")])]
    return {one.name: (one.severity, one.broken) for one in auditing.in_time(parts, promises) if one.count}


def test_the_same_rows_are_a_broken_promise_a_leak_or_a_note_by_what_the_split_promises() -> None:
    assert severities("time") == {"train_after": ("leak", True), "train_after_own": ("leak", True)}
    assert severities("user_time") == {"train_after": ("note", False), "train_after_own": ("leak", True)}
    assert severities() == {"train_after": ("leak", False), "train_after_own": ("leak", False)}


def test_what_was_not_found_is_no_leak_and_says_none() -> None:
    one = auditing.finding("x", 0, 0, "rows are odd", promised=True)
    assert (one.severity, one.broken, one.share, one.sentence) == ("note", False, 0.0, "none of 0 rows are odd")
    assert auditing.finding("x", 1, 8, "rows are odd").sentence == "1 of 8 rows are odd (12.5%)"

"""What the rows of a split tell of each other: later events in train, what was seen before, what is unknown."""

from collections.abc import Collection, Sequence

import polars as pl

from recsys.types import Columns, Finding, Promise


def in_time(parts: Sequence[pl.DataFrame], promises: Collection[Promise]) -> list[Finding]:
    """Whether train is before valid, and that before test: of all rows, and of each user's.

    Rows of one and the same second count as later among all rows; among a user's own they are counted apart.

    Args:
        parts: the logs of train, valid and test, with `user` and `time`.
    """
    train, valid, test = parts
    held = pl.concat([one.select("user", "time") for one in (valid, test)])
    by_user = "user_time" in promises
    strict = "time" in promises
    findings = []
    for name, what, earlier, later in (
        ("train", "training rows", train, held),
        ("valid", "validation rows", valid, test),
    ):
        after = "the first held-out row" if name == "train" else "the first test row"
        own = after.replace("row", "row of the same user")
        every, of_user, ties = _later(earlier, later)
        n = len(earlier)
        findings += [
            finding(
                f"{name}_after", every, n, f"{what} are not before {after}", leak=not by_user, promised=strict
            ),
            finding(
                f"{name}_after_own", of_user, n, f"{what} are later than {own}", promised=strict or by_user
            ),
            finding(f"{name}_same_second", ties, n, f"{what} share the second of {own}", leak=False),
        ]
    return findings


def _later(earlier: pl.DataFrame, later: pl.DataFrame) -> tuple[int, int, int]:
    """How many rows are not before the first later row, after the user's first, and in its second."""
    if not len(earlier) or not len(later):
        return 0, 0, 0
    first = later.group_by("user").agg(first=pl.col("time").min())
    both = earlier.select("user", "time").join(first, on="user")
    own, tied = (
        both.select(own=pl.col("time") > pl.col("first"), tied=pl.col("time") == pl.col("first")).sum().row(0)
    )
    return int((earlier["time"] >= later["time"].min()).sum()), own or 0, tied or 0


def of_pairs(parts: Sequence[pl.DataFrame]) -> list[Finding]:
    """How many (user, item) pairs of test are pairs of train too."""
    train, _, test = parts
    pairs = test.select("user", "item").unique()
    seen = pairs.join(train.select("user", "item"), on=["user", "item"], how="semi")
    return [
        finding("pairs_seen", len(seen), len(pairs), "test pairs of user and item are in train too", leak=False)
    ]


def of_duplicates(parts: Sequence[pl.DataFrame], columns: Columns) -> list[Finding]:
    """How many held-out rows are equal to a row of an earlier part in every declared column of the log.

    Columns of lists are not compared.
    """
    there = parts[0].schema
    names = {"user", "item", "time", *columns.context, *columns.feedback}
    flat = [name for name, dtype in there.items() if name in names and not dtype.is_nested()]
    train, valid, test = (part.select(flat) for part in parts)
    again = _repeated(train, valid) + _repeated(pl.concat([train, valid]), test)
    said = "held-out rows are, column by column, rows of an earlier part too"
    return [finding("duplicate_rows", again, len(valid) + len(test), said)]


def _repeated(earlier: pl.DataFrame, later: pl.DataFrame) -> int:
    """How many later rows are equal to an earlier one; by hash first, as few are."""
    before, after = earlier.hash_rows(), later.hash_rows()
    later = later.filter(after.is_in(before.implode()))
    earlier = earlier.filter(before.is_in(after.implode()))
    both = pl.concat([part.with_columns(part=pl.lit(n)) for n, part in enumerate((earlier, later))])
    first = both.select(pl.col("part").min().over(earlier.columns))["part"]
    return int(((both["part"] == 1) & (first == 0)).sum())


def of_entities(parts: Sequence[pl.DataFrame], promises: Collection[Promise]) -> list[Finding]:
    """How many users and items of test train does not know, and whether those that ought to be new are."""
    train, _, test = parts
    findings = []
    for side in ("user", "item"):
        known, met = train[side].unique(), test[side].unique()
        cold = int((~met.is_in(known.implode())).sum())
        findings.append(
            finding(f"cold_{side}s", cold, len(met), f"test {side}s have no row in train", leak=False)
        )
        if f"new_{side}s" in promises:
            twice, all_ = _in_several(parts, side)
            said = f"held-out {side}s have rows in an earlier part"
            findings.append(finding(f"known_{side}s", twice, all_, said, promised=True))
    return findings


def _in_several(parts: Sequence[pl.DataFrame], side: str) -> tuple[int, int]:
    """How many held-out users, or items, are in several parts, and how many there are."""
    train, valid, test = (part[side].unique() for part in parts)
    held = pl.concat([valid, test]).unique()
    everywhere = pl.concat([train, valid, test]).value_counts()
    several = everywhere.filter(pl.col("count") > 1)[side]
    return int(held.is_in(several.implode()).sum()), len(held)


def finding(name: str, count: int, of: int, what: str, *, leak: bool = True, promised: bool = False) -> Finding:
    """A count with its sentence.

    Args:
        of: how many were looked at.
        what: the sentence after the count.
        leak: whether a count above 0 is a leak.
        promised: whether the split promises a count of 0.
    """
    share = count / of if of else 0.0
    found = "none" if not count else f"{count:,}"
    share_said = f" ({share:.1%})" if count else ""
    return Finding(
        name=name,
        count=count,
        share=share,
        severity="leak" if leak and count else "note",
        sentence=f"{found} of {of:,} {what}{share_said}",
        broken=promised and count > 0,
    )

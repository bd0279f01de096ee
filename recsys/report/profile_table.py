"""A profile for people, 80 columns wide, and for other programs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from recsys.report.profile import Column, Popularity, Profile, words
from recsys.report.record import write_text
from recsys.types import ColumnType

WIDTH = 80
BAR = 16
"""Characters of the longest bar."""
SHORT = 24
"""Characters of a value that are shown."""

Rows = list[list[str]]
Section = tuple[str, list[str], Rows]


def sections(profile: Profile) -> list[Section]:
    """Title, header and rows of each table."""
    found = [
        ("", ["", ""], sizes(profile)),
        (
            "events of each",
            ["", "none", "one", "median", "most", "Gini", "top 1 %", "top 10 %"],
            spread(profile),
        ),
        ("columns", ["side", "column", "type", "missing", "distinct", "values"], columns(profile)),
    ]
    if profile.periods:
        header = [profile.period, "events", "", "label" if profile.label is not None else ""]
        found.append((f"events by {profile.period}", header, periods(profile)))
    return found


def sizes(profile: Profile) -> Rows:
    """The numbers of the whole."""
    rows = [
        ["rows", f"{profile.rows:,} {'impressions' if profile.impressions else 'interactions'}"],
        ["users", f"{profile.users:,}"],
        ["items", f"{profile.items:,}"],
        ["pairs", f"{profile.pairs:,} of users and items, a density of {profile.density:.3%}"],
    ]
    if profile.first is None or profile.last is None:
        rows.append(["time", "none: no split by time, no order of events"])
    else:
        days = (profile.last - profile.first) / 86_400
        rows.append(["time", f"{moment(profile.first)} to {moment(profile.last)}, {days:,.1f} days"])
    if profile.label is None:
        rows.append(["label", "none"])
    else:
        rows.append(["label", f"{profile.label:.4f} on average, of {profile.labelled:,} rows"])
    return rows


def spread(profile: Profile) -> Rows:
    """How events are spread over users and over items."""
    return [["user", *_spread(profile.by_user)], ["item", *_spread(profile.by_item)]]


def _spread(popularity: Popularity) -> list[str]:
    counts = [
        f"{popularity.without:,}",
        f"{popularity.single:,}",
        f"{popularity.median:g}",
        f"{popularity.most:,}",
    ]
    return [*counts, f"{popularity.gini:.3f}", f"{popularity.top1:.1%}", f"{popularity.top10:.1%}"]


def columns(profile: Profile) -> Rows:
    """A row a column."""
    return [
        [
            column.side,
            column.name,
            column.type,
            _missing(column),
            f"{column.distinct:,}",
            summary(column),
        ]
        for column in profile.columns
    ]


def _missing(column: Column) -> str:
    if not column.missing:
        return "–"
    share = column.missing / column.rows
    return f"{share:.1%}" if share >= 0.001 else f"{column.missing:,}"


def summary(column: Column) -> str:
    """The range of what can be measured, the most frequent value of what cannot."""
    values = column.values.drop_nulls()
    return _SUMMARIES[column.type](column, values) if len(values) else ""


def _frequent(column: Column, values: pl.Series) -> str:
    if column.distinct == len(values):
        return "each once"
    top = values.value_counts().sort("count", values.name, descending=[True, False]).row(0)
    share = top[1] / len(values)
    return f"{_short(str(top[0]))}: {f'{share:.1%}' if share >= 0.001 else f'{top[1]:,} rows'}"


_SUMMARIES: dict[ColumnType, Callable[[Column, pl.Series], str]] = {
    "id": _frequent,
    "category": _frequent,
    "categories": lambda _, values: f"{values.list.len().mean():.1f} a row",
    "text": lambda column, _: f"{words(column):.1f} words",
    "geo": lambda *_: "",
    "time": lambda _, values: f"{moment(values.min())[:10]} to {moment(values.max())[:10]}",
    "flag": lambda _, values: f"{values.mean():.1%} true",
    "number": lambda _, values: f"{values.min():g} to {values.max():g}, mean {values.mean():.4g}",
}


def periods(profile: Profile) -> Rows:
    """A row a period, the events as a bar."""
    most = max(period.events for period in profile.periods)
    return [
        [
            period.start,
            f"{period.events:,}",
            "▇" * max(1, round(BAR * period.events / most)),
            "" if period.label is None else f"{period.label:.4f}",
        ]
        for period in profile.periods
    ]


def moment(seconds: Any) -> str:
    """Date and time; the seconds where no calendar reaches."""
    try:
        return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def show(profile: Profile, warnings: Sequence[str], notes: Sequence[str]) -> None:
    """Print everything."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=WIDTH, highlight=False)
    for title, header, rows in sections(profile):
        if title:
            console.print(f"\n{title}", style="bold")
        console.print(_table(header, rows))
    for kind, lines in (("note", notes), ("warning", warnings)):
        for line in lines:
            console.print(f"\n{kind}: {line}", markup=False)


def _table(header: Sequence[str], rows: Rows) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(header))
    for name, column in zip(header, zip(*rows, strict=True), strict=True):
        number = all(cell[:1].isdigit() or cell in ("–", "") for cell in column) and name not in ("values", "")
        dated = any("-" in cell for cell in column)
        table.add_column(name, justify="right" if number and not dated else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def write(file: Path, profile: Profile, warnings: Sequence[str], notes: Sequence[str]) -> None:
    """The profile as JSON or Markdown, by the name's end."""
    text = as_json(profile, warnings, notes) if file.suffix == ".json" else markdown(profile, warnings, notes)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text)


def as_json(profile: Profile, warnings: Sequence[str], notes: Sequence[str]) -> str:
    """Every number of the profile."""

    def plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in pairs if not isinstance(value, pl.Series)}

    whole = {**asdict(profile, dict_factory=plain), "warnings": list(warnings), "notes": list(notes)}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def markdown(profile: Profile, warnings: Sequence[str], notes: Sequence[str]) -> str:
    """The tables and the warnings."""
    blocks = []
    for title, header, rows in sections(profile):
        lines = [header, ["---"] * len(header), *[[cell.replace("|", "\\|") for cell in row] for row in rows]]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        blocks.append(f"## {title}\n\n{table}" if title else table)
    for title, found in (("notes", notes), ("warnings", warnings)):
        if found:
            blocks.append(f"## {title}\n\n" + "\n".join(f"- {line}" for line in found))
    return "\n\n".join(blocks) + "\n"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"

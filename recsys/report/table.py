"""Tables for people: the results of one run, and of many."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recsys.report.record import write_text
from recsys.types import Audit, Measurement, Slice


@dataclass(frozen=True)
class Line:
    """One run of a sweep.

    Attributes:
        state: `finished`, `refused` or `failed`.
        choices: what this run has and others have otherwise, by key.
        values: test metrics by name.
        reason: why it was refused or failed.
    """

    state: str
    choices: Mapping[str, str]
    values: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    folder: str = ""


def of_run(
    metrics: Mapping[str, Mapping[str, float]], intervals: Mapping[str, tuple[float, float]], confidence: float
) -> Table:
    """One run: a row for each metric, validation beside test.

    Args:
        intervals: low and high end for test metrics by name.
        confidence: of the intervals.
    """
    table = Table(title=None, box=None, pad_edge=False, header_style="bold")
    table.add_column("metric")
    for part in metrics:
        table.add_column(part, justify="right")
    if intervals:
        table.add_column(f"test, {confidence:.0%} interval", justify="right")
    for name in metrics["test"]:
        cells = [f"{values[name]:.4f}" for values in metrics.values()]
        ends = [f"{low:.4f} – {high:.4f}" for low, high in [intervals[name]]] if name in intervals else []
        table.add_row(name, *cells, *ends)
    return table


def of_slices(slices: Sequence[Slice], names: Sequence[str]) -> Table:
    """A row a group: its size and the metrics named; `small` marks one below the least size."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("slice", "group"):
        table.add_column(column)
    for column in ("size", *names):
        table.add_column(column, justify="right", no_wrap=True)
    for place, one in enumerate(slices):
        first = not place or slices[place - 1].by != one.by
        cells = [f"{one.values[name]:.4f}" if name in one.values else "–" for name in names]
        size = f"{one.size:,}{' (small)' if one.small else ''}"
        table.add_row(one.by if first else "", one.group, size, *cells)
    return table


def of_audit(audited: Audit) -> Table:
    """A row for each thing that was looked for, leaks first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "looked for", "count", "share", "found"):
        table.add_column(column, justify="right" if column in ("count", "share") else "left")
    for one in sorted(audited.findings, key=lambda one: one.severity != "leak"):
        kind = "broken" if one.broken else one.severity if one.count else "-"
        table.add_row(kind, one.name, f"{one.count:,}", f"{one.share:.1%}", one.sentence)
    return table


def ordered(lines: Sequence[Line], monitor: str, *, higher_is_better: bool) -> list[Line]:
    """Finished runs best first, those whose metric is not a number last; then failed, then refused."""
    rank = {"finished": 0, "failed": 1, "refused": 2}
    sign = -1 if higher_is_better else 1

    def key(line: Line) -> tuple[int, bool, float]:
        value = line.values.get(monitor, 0.0)
        return rank[line.state], math.isnan(value), 0.0 if math.isnan(value) else sign * value

    return sorted(lines, key=key)


def of_sweep(lines: Sequence[Line], names: Sequence[str]) -> Table:
    """All runs: what differs between them, and their test metrics or the reason why there are none.

    Args:
        lines: in the order to be shown.
        names: the metrics to show.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    keys = list(lines[0].choices)
    for key in keys:
        table.add_column(key, no_wrap=True)
    for name in names:
        table.add_column(f"test {name}", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right")
    for line in lines:
        if line.state == "finished":
            cells = [f"{line.values[name]:.4f}" if name in line.values else "–" for name in names]
            table.add_row(*line.choices.values(), *cells, f"{line.seconds:.0f}")
        else:
            table.add_row(*line.choices.values(), line.state, *[""] * len(names))
    return table


def reasons(lines: Sequence[Line]) -> list[str]:
    """Why runs were refused or failed, each reason once, with the runs that it holds for."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if line.state != "finished":
            name = " ".join(f"{key}={value}" for key, value in line.choices.items())
            grouped.setdefault((line.state, line.reason), []).append(name)
    return [f"{state}: {reason}\n    {'; '.join(runs)}" for (state, reason), runs in grouped.items()]


def show(table: Table, console: Console | None = None) -> None:
    """Print a table; wide enough for all columns where the output is no terminal."""
    (console or _screen()).print(table)


def show_fitting(
    of: Callable[[Sequence[str]], Table], names: Sequence[str], console: Console | None = None
) -> None:
    """Print the table of as many metrics as fit side by side, the first ones, and name the others.

    Args:
        of: the table of some metrics.
        names: all of them, at least one where the table has any.
    """
    console = console or _screen()
    wide = console.options.update(width=10_000)
    shown = len(names)
    while shown > 1 and console.measure(of(names[:shown]), options=wide).maximum > console.width:
        shown -= 1
    console.print(of(names[:shown]))
    if shown < len(names):
        console.print(f"not shown, in the files: {', '.join(names[shown:])}", highlight=False)


def _screen() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=240)


def headline(lines: Sequence[Line], monitor: str) -> list[str]:
    """The metrics that fit a screen: the monitored one, its fellows at the same k, and those without a k."""
    names = [name for line in lines[:1] for name in line.values]
    suffix = monitor.partition("@")[2]
    fellows = [name for name in names if name.partition("@")[2] in ("", suffix) and name != monitor]
    return [monitor, *fellows] if names else []


def write(lines: Sequence[Line], folder: Path, below: str = "") -> None:
    """`table.md` and `table.csv` in the sweep's folder: every metric of every run.

    Args:
        below: what follows the table in `table.md`.
    """
    names = list(dict.fromkeys(name for line in lines for name in line.values))
    write_text(folder / "table.md", markdown(lines, names) + below)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([*lines[0].choices, "state", *names, "seconds", "reason", "folder"])
    for line in lines:
        values = [line.values.get(name, "") for name in names]
        ends = [round(line.seconds, 1), line.reason, line.folder]
        writer.writerow([*line.choices.values(), line.state, *values, *ends])
    write_text(folder / "table.csv", file.getvalue())


def markdown(lines: Sequence[Line], names: Sequence[str]) -> str:
    """The table of a sweep as Markdown."""
    keys = list(lines[0].choices)
    header = [*keys, *(f"test {name}" for name in names), "seconds"]
    rows = [header, ["---"] * len(header)]
    for line in lines:
        values = [f"{line.values[name]:.4f}" if name in line.values else line.state for name in names]
        rows.append([*line.choices.values(), *values, f"{line.seconds:.0f}" if line.seconds else ""])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def show_run(measured: Mapping[str, Mapping[str, Measurement]], monitor: str, *, confidence: float) -> None:
    """Print everything that was measured of one run: values with intervals, then slices.

    Args:
        monitor: the metric that slices are shown for, with its fellows at the same depth.
    """
    values = {
        part: {name: value for family in families.values() for name, value in family.values.items()}
        for part, families in measured.items()
    }
    test = measured["test"].values()
    intervals = {name: ends for family in test for name, ends in family.intervals.items()}
    show(of_run(values, intervals, confidence))
    for family in test:
        if family.slices:
            print()
            names = headline([Line("finished", {}, family.slices[0].values)], monitor)
            there = list(family.slices[0].values)
            show_fitting(partial(of_slices, family.slices), [n for n in names if n in there] or there)

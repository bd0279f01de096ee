"""The runs of a sweep that differ only in the seed, or in the fold, as one row: mean and standard deviation."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from recsys.report.table import Line

REPEATS = {"seed": "seeds", "split.fold": "folds"}
"""Keys whose values are repeats of one and the same question, and what their values are called."""


@dataclass(frozen=True)
class Spread:
    """Finished runs that are equal but for the seed, or the fold.

    Attributes:
        choices: what they have and other runs have otherwise, by key, without the seed (or fold).
        seeds: how many seeds (or folds) there are.
        values: mean and standard deviation by name of the test metric; the latter None of a single one.
        of: `seeds` or `folds`.
    """

    choices: Mapping[str, str]
    seeds: int
    values: Mapping[str, tuple[float, float | None]]
    of: str = "seeds"


def over_seeds(
    lines: Sequence[Line], monitor: str, *, higher_is_better: bool, key: str = "seed"
) -> list[Spread]:
    """A row for each combination, the best mean first; none where no combination has two finished seeds.

    Args:
        key: of the config, that takes the place of the seed: one of REPEATS.
    """
    together: dict[tuple[tuple[str, str], ...], list[Line]] = {}
    for line in lines:
        if line.state == "finished" and key in line.choices:
            rest = tuple((name, value) for name, value in line.choices.items() if name != key)
            together.setdefault(rest, []).append(line)
    if not any(len(runs) > 1 for runs in together.values()):
        return []
    spreads = [Spread(dict(rest), len(runs), _spread(runs), REPEATS[key]) for rest, runs in together.items()]
    sign = -1 if higher_is_better else 1
    return sorted(spreads, key=lambda spread: sign * spread.values.get(monitor, (0.0, None))[0])


def _spread(runs: Sequence[Line]) -> dict[str, tuple[float, float | None]]:
    names = [name for name in runs[0].values if all(name in run.values for run in runs)]
    columns = {name: [run.values[name] for run in runs] for name in names}
    return {
        name: (statistics.fmean(column), statistics.stdev(column) if len(column) > 1 else None)
        for name, column in columns.items()
    }


def of_seeds(spreads: Sequence[Spread], names: Sequence[str]) -> Table:
    """The rows as a table.

    Args:
        names: the metrics to show.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(_header(spreads, names)):
        left = number < len(spreads[0].choices)
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for spread in spreads:
        table.add_row(*_row(spread, names))
    return table


def markdown(spreads: Sequence[Spread]) -> str:
    """The rows with every metric as Markdown; empty where there are none."""
    if not spreads:
        return ""
    names = list(dict.fromkeys(name for spread in spreads for name in spread.values))
    header = _header(spreads, names)
    rows = [header, ["---"] * len(header), *(_row(spread, names) for spread in spreads)]
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"\nMean ± standard deviation over {spreads[0].of}:\n\n{text}\n"


def _header(spreads: Sequence[Spread], names: Sequence[str]) -> list[str]:
    return [*spreads[0].choices, spreads[0].of, *(f"test {name}" for name in names)]


def _row(spread: Spread, names: Sequence[str]) -> list[str]:
    return [*spread.choices.values(), str(spread.seeds), *(_cell(spread, name) for name in names)]


def _cell(spread: Spread, name: str) -> str:
    if name not in spread.values:
        return "–"
    mean, deviation = spread.values[name]
    return f"{mean:.4f}" if deviation is None else f"{mean:.4f} ± {deviation:.4f}"

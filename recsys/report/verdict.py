"""A comparison for people: two tables and a sentence on each difference."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from recsys.report.compare import Comparison, Difference, Mean

MEANS = ("", "metric", "seeds", "mean", "95 % interval", "over seeds")
DIFFERENCES = ("pair", "metric", "difference", "95 % interval", "p", "p (Holm)", "")


def legend(comparison: Comparison) -> list[str]:
    """Which letter is which group."""
    width = max(len(group.letter) for group in comparison.groups)
    return [f"{group.letter:<{width}}  {group.name}" for group in comparison.groups]


def means(comparison: Comparison) -> Table:
    """Each group's metrics with their intervals over users and their deviation over seeds."""
    return _table(MEANS, [_mean(mean) for mean in comparison.means])


def differences(comparison: Comparison) -> Table:
    """Each difference with its interval and p-values."""
    return _table(DIFFERENCES, [_difference(each) for each in comparison.differences])


def sentences(comparison: Comparison) -> list[str]:
    """What each difference comes to, and which groups have one seed only."""
    holm = " after Holm" if len(comparison.differences) > 1 else ""
    found = [_sentence(each, comparison.users, holm) for each in comparison.differences]
    single = [group.letter for group in comparison.groups if len(group.runs) == 1]
    if single:
        found.append(
            f"one seed of {', '.join(single)}: a difference may be the seed's; train with -m seed=0,1,2 to see "
            "how far it moves"
        )
    return found


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        left = name in ("", "pair", "metric")
        table.add_column(name, justify="left" if left else "right", no_wrap=name != "metric")
    for row in rows:
        table.add_row(*row)
    return table


def _mean(mean: Mean) -> list[str]:
    deviation = "–" if mean.deviation is None else f"± {mean.deviation:.4f}"
    ends = _ends(mean.low, mean.high)
    return [mean.group.letter, mean.metric, str(len(mean.seeds)), f"{mean.value:.4f}", ends, deviation]


def _difference(each: Difference) -> list[str]:
    pair = f"{each.first.group.letter} − {each.second.group.letter}"
    ends = _ends(each.low, each.high)
    verdict = "real" if each.real else "not shown"
    return [pair, each.first.metric, f"{each.value:+.4f}", ends, _p(each.p), _p(each.adjusted), verdict]


def _ends(low: float, high: float) -> str:
    return f"[{low:.4f}, {high:.4f}]"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else "<0.001"


def _sentence(each: Difference, users: int, holm: str) -> str:
    first, second, metric = each.first.group.letter, each.second.group.letter, each.first.metric
    p = _p(each.adjusted)
    p = f"p < {p[1:]}{holm}" if p[0] == "<" else f"p = {p}{holm}"
    if not each.real:
        limit = f"a difference below about {each.detectable:.4f} would not be seen"
        if each.value == 0 and each.low == each.high:
            limit = "they are the same for every user"
        return (
            f"{first} and {second} on {metric}: {each.value:+.4f} {_ends(each.low, each.high)}, {p}: no "
            f"difference shown; with these {users:,} users {limit}"
        )
    low, high = each.low, each.high
    if (each.value > 0) == (each.higher_is_better is False):
        first, second = second, first
    if each.value < 0:
        low, high = -high, -low
    word = "higher" if each.higher_is_better is None else "better"
    text = f"{first} is {word} than {second} on {metric} by {abs(each.value):.4f} {_ends(low, high)}, {p}: real"
    if abs(each.value) < each.of_seeds:
        text += f" of these trained models, but seeds move it by ± {each.of_seeds:.4f}: add seeds"
    return text


def write(comparison: Comparison, file: Path) -> None:
    """The comparison as Markdown (`.md`) or its differences as CSV (`.csv`)."""
    text = _csv(comparison) if file.suffix == ".csv" else _markdown(comparison)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _markdown(comparison: Comparison) -> str:
    parts = [
        _rows(("", "config"), [(group.letter, f"`{group.name}`") for group in comparison.groups]),
        _rows(MEANS, [_mean(mean) for mean in comparison.means]),
        _rows(DIFFERENCES, [_difference(each) for each in comparison.differences]),
        "\n".join(f"- {sentence}" for sentence in sentences(comparison)) + "\n",
    ]
    return "\n".join(parts)


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _csv(comparison: Comparison) -> str:
    sides = [
        f"{side}_{of}" for side in ("first", "second") for of in ("mean", "low", "high", "seeds", "deviation")
    ]
    own = ["difference", "low", "high", f"p_{comparison.test}", "p_holm", "real", "detectable"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["first", "second", "metric", *own, *sides])
    for each in comparison.differences:
        values = [each.value, each.low, each.high, each.p, each.adjusted, each.real, each.detectable]
        for mean in (each.first, each.second):
            deviation = "" if mean.deviation is None else mean.deviation
            values += [mean.value, mean.low, mean.high, len(mean.seeds), deviation]
        writer.writerow([each.first.group.name, each.second.group.name, each.first.metric, *values])
    return text.getvalue()

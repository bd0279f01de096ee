"""Each metric by our definition and by other libraries' own code, on MovieLens 100K, as Markdown tables.

    benchmarks/peers/install && RECSYS_DATA=… .venv/bin/python benchmarks/definitions.py

The problem is that of `peers/problem.py`. Each library measures it in its own environment (RECSYS_PEERS, by
default ~/.cache/recsys/peers) through `peers/<library>_metrics.py`; a difference below 1e-6 is written `=`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent / "peers"
PEERS = Path(os.environ.get("RECSYS_PEERS") or Path.home() / ".cache/recsys/peers").expanduser()
OTHERS = ("recbole", "recommenders", "ranx", "torchmetrics")
OWN = ("recsys", "torchmetrics")
TITLES = {
    "ease": "EASE, no ties; every held-out rating is relevant, its grade is the rating",
    "popularity": "Popularity, many ties; relevance as before",
    "below_zero": "EASE's scores less 10: the same order, all scores negative",
    "fives": "EASE; only ratings of 5 are relevant, so that some users have none",
    "rows": "Labelled rows: ratings of 4 and 5 are positive, chances of naive Bayes",
}
EQUAL = 1e-6

Values = dict[str, dict[str, float]]


def measured(library: str, problem: Path) -> Values:
    """What a library makes of the problem, by table and metric."""
    python = Path(sys.executable) if library in OWN else PEERS / library / "bin/python"
    if not python.exists():
        raise SystemExit(f"{python}: not there; run benchmarks/peers/install {library}")
    command = [str(python), "-W", "ignore", str(HERE / f"{library}_metrics.py"), str(problem)]
    environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "") if library in OWN else ""}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def cell(ours: float | None, theirs: float | None) -> str:
    """A library's value, with its difference from ours."""
    if theirs is None:
        return ""
    if ours is None:
        return f"{theirs:.6f}"
    difference = theirs - ours
    return f"{theirs:.6f} =" if abs(difference) < EQUAL else f"{theirs:.6f} ({difference:+.6f})"


def table(name: str, values: dict[str, Values]) -> str:
    """One Markdown table: metric, ours, each library's with its difference."""
    ours = values["recsys"][name]
    found = {library: values[library].get(name, {}) for library in OTHERS}
    metrics = dict.fromkeys([*ours, *(metric for library in OTHERS for metric in found[library])])
    lines = [f"{TITLES[name]}:", "", f"| metric | recsys | {' | '.join(OTHERS)} |", "| --- " * 6 + "|"]
    for metric in metrics:
        mine = ours.get(metric, ours.get(metric.split(",")[0]))
        cells = [cell(mine, found[library].get(metric)) for library in OTHERS]
        lines.append(f"| {metric} | {'' if mine is None else f'{mine:.6f}'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Make the problem, have it measured, print the tables."""
    data = os.environ.get("RECSYS_DATA")
    if not data:
        raise SystemExit("RECSYS_DATA: names the folder with ml-100k/u.data; set it")
    with TemporaryDirectory() as folder:
        problem = Path(folder) / "problem.npz"
        ratings = Path(data) / "ml-100k/u.data"
        subprocess.run([sys.executable, str(HERE / "problem.py"), str(ratings), str(problem)], check=True)
        values = {library: measured(library, problem) for library in ("recsys", *OTHERS)}
    print("\n\n".join(table(name, values) for name in TITLES))


if __name__ == "__main__":
    main()

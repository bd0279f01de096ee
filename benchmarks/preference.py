"""How runs on the marketplace stand to the true preference: a Markdown table, a row for each kind of run.

    .venv/bin/python benchmarks/preference.py SWEEP [SWEEP …]

Of each run folder below the sweeps: `config.yaml` says which marketplace it was, `Marketplace.truth()` what
everyone thinks of everything, and `user_vectors.parquet` and `item_vectors.parquet` (eval.vectors=true) what
the model thinks. An examined item is clicked with probability sigmoid(u), u the true utility.

- `slope`: the residual of a pair is its score less log sigmoid(u), both less their mean over the user's items;
  an item's is the mean over users. `slope` is that of its least-squares line over log popularity, the log of
  the mean over users of sigmoid(u). A model of the chance that a click is on the item has 0 where pages are
  dealt out at random; one that has divided it by the item's popularity has -1; above 0 popular items are liked
  too much. A model that has learnt nothing has about -1 too: hence the next.
- `personal`: correlation of scores and log sigmoid(u) in what is neither the user's nor the item's mean.
- `spearman`: rank correlation of scores and utilities, mean over users.
- `captured@10`: mean sigmoid(u) of each user's ten best, 0 as of random ten and 1 as of her true ten best.

Means over runs that differ in the seed alone, with the range of the slope.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from omegaconf import OmegaConf
from scipy.special import expit, log_expit
from scipy.stats import rankdata

from recsys.data.marketplace import Marketplace

METRICS = ("ndcg@10", "avg_popularity@10", "popularity_lift@10")
TITLES = ("slope", "personal", "spearman", "captured@10", *METRICS)
SHOWN = ("sampling", "loss.correct", "sampling.exclude_positives")

Values = dict[str, float]


def vectors(file: Path) -> np.ndarray:
    """One a row, `[N, D]`, in the order of the index."""
    return np.array(pl.read_parquet(file)["vector"].to_list())


def slope(scores: np.ndarray, utility: np.ndarray) -> float:
    """Of the items' mean residuals over their log popularity."""
    truth = log_expit(utility)
    residual = (scores - scores.mean(1, keepdims=True)) - (truth - truth.mean(1, keepdims=True))
    return float(np.polyfit(np.log(expit(utility).mean(0)), residual.mean(0), 1)[0])


def personal(scores: np.ndarray, utility: np.ndarray) -> float:
    """Correlation of what is left of both after the users' and the items' means."""
    left = []
    for values in (scores, log_expit(utility)):
        own = values - values.mean(1, keepdims=True)
        left.append((own - own.mean(0)).ravel())
    return float(np.corrcoef(*left)[0, 1])


def spearman(scores: np.ndarray, utility: np.ndarray) -> float:
    """Mean over users."""
    ranks = [rankdata(values, axis=1) for values in (scores, utility)]
    a, b = (r - r.mean(1, keepdims=True) for r in ranks)
    return float(((a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))).mean())


def captured(scores: np.ndarray, utility: np.ndarray, k: int = 10) -> float:
    """How much of what ideal lists have over random ones these lists have."""
    chance = expit(utility)

    def top(by: np.ndarray) -> float:
        return float(np.take_along_axis(chance, np.argsort(-by, 1)[:, :k], 1).mean())

    return (top(scores) - chance.mean()) / (top(chance) - chance.mean())


def measured(folder: Path, config: Any) -> Values:
    """Of one run."""
    data = {key: value for key, value in config.data.items() if key != "_target_"}
    utility = Marketplace(**data).truth().preference.astype(float)
    scores = vectors(folder / "user_vectors.parquet") @ vectors(folder / "item_vectors.parquet").T
    test = json.loads((folder / "metrics.json").read_text())["test"]
    found = {name: test[name] for name in METRICS}
    truth = {each.__name__: each(scores, utility) for each in (slope, personal, spearman)}
    return {**truth, "captured@10": captured(scores, utility), **found}


def kind(config: Any) -> tuple[str, ...]:
    """What tells runs apart, but for the seed."""
    values = [OmegaConf.select(config, key) for key in SHOWN]
    name = config.sampling._target_.split(".")[2]
    return (name, *("" if value is None else str(value).lower() for value in values[1:]))


def line(named: tuple[str, ...], runs: list[Values]) -> str:
    """One row of the table."""
    mean = {title: np.mean([run[title] for run in runs]) for title in TITLES}
    slopes = [run["slope"] for run in runs]
    cells = [f"{mean['slope']:.2f} ({min(slopes):.2f} to {max(slopes):.2f})"]
    cells += [f"{mean[title]:.{1 if 'avg' in title else 3}f}" for title in TITLES[1:]]
    return f"| {' | '.join([*named, str(len(runs)), *cells])} |"


def main() -> None:
    """Measure all runs and print the table."""
    runs = defaultdict(list)
    for file in sorted(f for sweep in sys.argv[1:] for f in Path(sweep).rglob("item_vectors.parquet")):
        config: Any = OmegaConf.load(file.parent / "config.yaml")
        runs[kind(config)].append(measured(file.parent, config))
    if not runs:
        raise SystemExit(
            "no run with item_vectors.parquet there; name sweeps that were run with eval.vectors=true"
        )
    print(f"| {' | '.join([*SHOWN, 'runs', *TITLES])} |\n{'| --- ' * (len(SHOWN) + 1 + len(TITLES))}|")
    print("\n".join(line(named, of) for named, of in runs.items()))


if __name__ == "__main__":
    main()

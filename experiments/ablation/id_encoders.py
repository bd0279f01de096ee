"""How small ids can be at 97 % of the full table's quality: trains every size and prints the table.

    RECSYS_DATA=<data> python experiments/ablation/id_encoders.py runs/id_encoders

Of each encoder the learning rate is the best of its `rates` by validation NDCG@20 at seed 0, in the size that
comes first; so is the full table's. Runs that are there already are not repeated; the order is: the full table,
seed 0 of every size, seeds 1 and 2 of the sizes that validation would choose, then of the others.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsys.commands import main

SEEDS, SHARE, METRIC = (0, 1, 2), 0.97, "ndcg@20"


@dataclass(frozen=True)
class Family:
    """An encoder of ids: sizes as arguments, the one that the rate is chosen at first; most epochs.

    Attributes:
        tuned: most epochs of the runs that the rate is chosen by.
    """

    encoder: str
    rates: Sequence[str]
    sizes: Sequence[dict[str, Any]]
    epochs: int = 8
    tuned: int = 5


FULL = Family("embedding", ("5e-3", "1e-2"), [{"dim": 64}], tuned=8)
SMALL = (
    Family("embedding", ("5e-3", "1e-2"), [{"dim": 8}, {"dim": 16}]),
    Family("hashed", ("5e-3", "1e-2"), [{"dim": 8, "buckets": 8000}, {"dim": 4, "buckets": 16000}]),
    Family("double_hash", ("5e-3", "1e-2"), [{"dim": 8, "buckets": 1000}, {"dim": 8, "buckets": 2000}]),
    Family(
        "quotient_remainder", ("5e-3", "1e-2"), [{"dim": 16, "collisions": 4}, {"dim": 16, "collisions": 2}]
    ),
    Family(
        "deep_hash",
        ("3e-3",),
        [{"dim": 16, "hashes": 1024, "hidden": []}, {"dim": 16, "hashes": 256, "hidden": [64, 64]}],
        epochs=12,
        tuned=12,
    ),
    Family("deep_hash", ("3e-3",), [{"dim": 16, "hashes": 256, "hidden": [64, 64]}], epochs=24, tuned=24),
)


@dataclass(frozen=True)
class Result:
    """One run: its quality in both parts, and the parameters of ids alone."""

    valid: float
    test: float
    parameters: int


def words(family: Family, size: dict[str, Any]) -> list[str]:
    """The overrides of a size."""
    shown = {name: json.dumps(value).replace(" ", "") for name, value in size.items()}
    return [f"encoders/id={family.encoder}", *(f"encoders.id.{name}={value}" for name, value in shown.items())]


def run(root: Path, family: Family, size: dict[str, Any], rate: str, seed: int, epochs: int = 0) -> Result:
    """Train and measure, or read what was measured."""
    folder, asked = place(root, family, size, rate, seed, epochs or family.epochs)
    done = (folder / "metrics.json").is_file()
    if not done and main(["train", "+ablation=id_encoders", *asked, f"hydra.run.dir={folder}"]):
        raise SystemExit(f"failed: {' '.join(asked)}")
    metrics = json.loads((folder / "metrics.json").read_text())
    towers = 2 * (128 * size["dim"] + 128 + 128 * 64 + 64)
    own = json.loads((folder / "status.json").read_text())["parameters"] - towers
    return Result(metrics["valid"][METRIC], metrics["test"][METRIC], own)


def place(
    root: Path, family: Family, size: dict[str, Any], rate: str, seed: int, epochs: int
) -> tuple[Path, list[str]]:
    """The folder of a run, and its overrides."""
    asked = [f"optimizer.lr={rate}", f"trainer.max_epochs={epochs}", f"seed={seed}"]
    named = [family.encoder, *map(str, size.values()), rate, f"{epochs}-epochs", f"seed-{seed}"]
    return root / "-".join(named).translate(str.maketrans("[], ", "___-")), [*words(family, size), *asked]


def best_rate(root: Path, family: Family) -> str:
    """The rate of the best validation quality at seed 0."""
    found = {rate: run(root, family, family.sizes[0], rate, 0, family.tuned).valid for rate in family.rates}
    return max(found, key=lambda rate: found[rate])


def measured(root: Path, family: Family, size: dict[str, Any], rate: str) -> list[Result]:
    """What was measured of a size, by seed."""
    folders = {seed: place(root, family, size, rate, seed, family.epochs)[0] for seed in SEEDS}
    there = [seed for seed, folder in folders.items() if (folder / "metrics.json").is_file()]
    return [run(root, family, size, rate, seed) for seed in there]


def show(root: Path, rates: Sequence[str]) -> None:
    """The table, fewest parameters first within an encoder."""
    full = measured(root, FULL, FULL.sizes[0], rates[0])
    target, whole = sum(one.test for one in full) / len(full), full[0].parameters
    heads = (
        "encoders/id",
        "size",
        "learning rate",
        "epochs",
        "parameters of ids",
        "saved",
        "valid, seed 0",
        "test NDCG@20",
    )
    print(f"| {' | '.join((*heads, 'each seed', 'of the full table'))} |\n{'| --- ' * 10}|")
    for family, rate in zip((FULL, *SMALL), rates, strict=True):
        found = [(size, measured(root, family, size, rate)) for size in family.sizes]
        for size, runs in sorted((pair for pair in found if pair[1]), key=lambda pair: pair[1][0].parameters):
            mean, own = sum(one.test for one in runs) / len(runs), runs[0].parameters
            said = ", ".join(f"{name} {value}" for name, value in size.items())
            each = ", ".join(f"{one.test:.4f}" for one in runs)
            cells = [
                family.encoder,
                said,
                rate,
                str(family.epochs),
                f"{own:,}",
                f"{1 - own / whole:.0%}",
                f"{runs[0].valid:.4f}",
            ]
            print(f"| {' | '.join([*cells, f'{mean:.4f}', each, f'{mean / target:.1%}'])} |")


def chosen(root: Path, family: Family, rate: str, full: float) -> dict[str, Any]:
    """The smallest size whose validation quality at seed 0 is enough, or else the best."""
    found = [(run(root, family, size, rate, 0), size) for size in family.sizes]
    good = [pair for pair in found if pair[0].valid >= SHARE * full]
    if good:
        return min(good, key=lambda pair: pair[0].parameters)[1]
    return max(found, key=lambda pair: pair[0].valid)[1]


def sweep(root: Path) -> None:
    """Train everything, and print the table of what there is."""
    rates = [best_rate(root, family) for family in (FULL, *SMALL)]
    full = run(root, FULL, FULL.sizes[0], rates[0], 0).valid
    picks = [chosen(root, *pair, full) for pair in zip(SMALL, rates[1:], strict=True)]
    every = list(zip(SMALL, rates[1:], strict=True))
    again = [(FULL, rates[0], FULL.sizes[0])]
    again += [(*pair, pick) for pair, pick in zip(every, picks, strict=True)]
    again += [(*pair, size) for pair in every for size in pair[0].sizes]
    for family, rate, size in again:
        for seed in SEEDS[1:]:
            run(root, family, size, rate, seed)
        show(root, rates)


if __name__ == "__main__":
    sweep(Path(sys.argv[1]))

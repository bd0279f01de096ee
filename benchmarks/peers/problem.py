"""The lists and the labelled rows that all libraries measure: MovieLens 100K, split 75 to 25 by item.

    python benchmarks/peers/problem.py u.data problem.npz

Lists of scores, each `[U, I]` float32 with -inf where the user has rated the item in train, and which held-out
ratings count:

- ease: EASE (Steck 2019, lambda 250); every held-out rating is relevant, its grade is the rating
- popularity: ratings of the item in train, so that many candidates score the same; relevant as above
- below_zero: EASE's scores less 10, which is the same order; relevant as above
- fives: EASE; only ratings of 5 are relevant, of grade 1, and other held-out ratings have grade 0

Rows: each held-out rating, positive from 4 on, with the chance that naive Bayes of user and item gives.
"""

import sys
from pathlib import Path

import numpy as np

USERS, ITEMS, LAMBDA = 943, 1682, 250.0


def split(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Rows of user, item and rating; three quarters of each item's go to train, at random."""
    rows = np.loadtxt(file, dtype=np.int64)[:, :3] - [1, 1, 0]
    rows = rows[np.random.default_rng(42).permutation(len(rows))]
    rows = rows[np.argsort(rows[:, 1], kind="stable")]
    first = np.searchsorted(rows[:, 1], rows[:, 1])
    place = np.arange(len(rows)) - first
    train = place < 0.75 * np.bincount(rows[:, 1])[rows[:, 1]]
    return rows[train], rows[~train]


def ease(taken: np.ndarray) -> np.ndarray:
    """Scores of every pair."""
    inverse = np.linalg.inv(taken.T @ taken + LAMBDA * np.eye(ITEMS))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return taken @ weights


def chances(train: np.ndarray, held: np.ndarray) -> np.ndarray:
    """The chance of a rating of 4 or more: the log-odds of the user and of the item, less those of all."""
    liked = train[:, 2] >= 4
    overall = liked.mean()

    def odds(column: int, size: int) -> np.ndarray:
        good = np.bincount(train[liked, column], minlength=size) + 5 * overall
        every = np.bincount(train[:, column], minlength=size) + 5
        return np.log(good / (every - good))

    logit = odds(0, USERS)[held[:, 0]] + odds(1, ITEMS)[held[:, 1]] - np.log(overall / (1 - overall))
    return 1 / (1 + np.exp(-logit))


def make(file: Path) -> dict[str, np.ndarray]:
    """All arrays by name."""
    train, held = split(file)
    taken = np.zeros((USERS, ITEMS))
    taken[train[:, 0], train[:, 1]] = 1
    scores = ease(taken)
    popularity = np.broadcast_to(taken.sum(0), scores.shape)
    user, item, rating = held.T
    arrays = {"user": user, "item": item, "chance": chances(train, held), "positive": rating >= 4}
    lists = {"ease": scores, "popularity": popularity, "below_zero": scores - 10, "fives": scores}
    for name, values in lists.items():
        arrays[f"scores_{name}"] = np.where(taken > 0, -np.inf, values).astype(np.float32)
        arrays[f"grade_{name}"] = (rating == 5).astype(np.int64) if name == "fives" else rating
    return arrays


if __name__ == "__main__":
    np.savez(sys.argv[2], **make(Path(sys.argv[1])))

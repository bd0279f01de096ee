"""What could be foretold of the marketplace's new users: recall@20 of lists made of parts of the truth.

    .venv/bin/python benchmarks/new_users.py [SEED …]

The marketplace and split of `+ablation=cold_start data.users=4000`. A list orders items by log(1 + training
clicks) + weight x part, where part is what of the true utility is known, less its mean over the training users,
whose clicks have it already. The weight is chosen by the validation users of the split. The parts:

- `columns`: what country, age and place make of the utility;
- `friends`: that, and the mean of what friends in training have beyond it, shrunk by least squares;
- `truth`: all of the utility, the user's own.
"""

import sys

import numpy as np

from recsys.data.marketplace import Marketplace
from recsys.data.simulation import vocabulary
from recsys.data.simulation.people import FACTORS, People
from recsys.data.simulation.preference import utility
from recsys.ops.splits import TEST, TRAIN, VALID, draw_entities

K, WEIGHTS = 20, (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
TASTE = {"offset": 0.0, "taste": 2.4, "quality": 0.0, "locality": 1.0}


def recall(scores: np.ndarray, taken: np.ndarray) -> float:
    """Recall@20 of the users with an item, of scores and of who took up what, both `[U, I]`."""
    top = np.argpartition(-scores, K, axis=1)[:, :K]
    some = taken.any(1)
    return float((np.take_along_axis(taken, top, 1).sum(1)[some] / taken.sum(1)[some]).mean())


def of_columns(people: People) -> np.ndarray:
    """The mean affinity to genres by country and age, whose form is the simulator's, `[U, G]`."""
    angle = 0.8 * (people.age - 37) / 10
    country = np.eye(len(vocabulary.COUNTRIES))[vocabulary.CITY_COUNTRY[people.city]]
    columns = np.column_stack([country, np.sin(angle), np.cos(angle)])
    return columns @ np.linalg.lstsq(columns, people.genres, rcond=None)[0]


def of_friends(people: People, own: np.ndarray, known: np.ndarray) -> np.ndarray:
    """What the known friends' mean says of each user's own taste, `[U, D]`."""
    pairs = people.friends[known[people.friends[:, 1]]]
    total = np.zeros_like(own)
    np.add.at(total, pairs[:, 0], own[pairs[:, 1]])
    mean = total / np.bincount(pairs[:, 0], minlength=len(own)).clip(1)[:, None]
    return mean * (mean[known] * own[known]).sum(0) / (mean[known] ** 2).sum(0)


def main(seeds: list[int]) -> None:
    world = Marketplace(users=4000)
    log = world.load().log
    _, people, items = world._world()
    base = np.hstack([of_columns(people), np.zeros_like(people.factors)])
    own = np.hstack([people.genres, people.factors]) - base
    clicks = log["click"].to_numpy().astype(bool)
    user, item = log["user"].to_numpy().astype(int)[clicks], log["item"].to_numpy().astype(int)[clicks]
    shape = world.truth().preference.shape
    taken = np.zeros(shape, bool)
    taken[user, item] = True

    def part(taste: np.ndarray) -> np.ndarray:
        genres, factors = taste[:, :-FACTORS], taste[:, -FACTORS:]
        known = {**vars(people), "genres": genres, "factors": factors}
        return utility(People(**known), items, **TASTE)

    for seed in seeds:
        marks = draw_entities(log["user"], 0.1, 0.1, seed)[0].to_numpy()
        of = {mark: np.unique(log["user"].to_numpy()[marks == mark]) for mark in (TRAIN, VALID, TEST)}
        known = np.isin(np.arange(shape[0]), of[TRAIN])
        popular = np.log1p(np.bincount(item[known[user]], minlength=shape[1]))
        print(f"seed {seed}: popularity {recall(np.tile(popular, (len(of[TEST]), 1)), taken[of[TEST]]):.4f}")
        parts = {"columns": base, "friends": base + of_friends(people, own, known), "truth": base + own}
        for name, taste in parts.items():
            told = part(taste)
            told -= told[known].mean(0)
            best = max(WEIGHTS, key=lambda w: recall(popular + w * told[of[VALID]], taken[of[VALID]]))
            value = recall(popular + best * told[of[TEST]], taken[of[TEST]])
            print(f"  {name} {value:.4f} (weight {best:g})")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [0, 1, 2])

"""The recommender that was running while the log was written."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Policy:
    """How the pages of the log were chosen: a softmax over a mix of three scores.

    Attributes:
        popularity: weight of log(1 + clicks so far).
        personalisation: weight of the estimated preference.
        noise: standard deviation of the error of that estimate.
        freshness: bonus of an item published just now; it halves with each 3 days.
        satiation: what each click of the user on the item takes off its score for her.
    """

    popularity: float
    personalisation: float
    noise: float
    freshness: float
    satiation: float


HALF_LIFE = 3.0
"""In days, of the bonus for freshness."""


def item_scores(policy: Policy, clicks: np.ndarray, age: np.ndarray) -> np.ndarray:
    """The part of the score that is the same for all users, `[I]` float32.

    Args:
        clicks: `[I]` so far.
        age: `[I]` days since publication.
    """
    score = policy.popularity * np.log1p(clicks) + policy.freshness * 0.5 ** (age / HALF_LIFE)
    return score.astype(np.float32)


def user_scores(rng: np.random.Generator, policy: Policy, preference: np.ndarray) -> np.ndarray:
    """The personal part of the score before any click, `[U, I]` float32: a noisy estimate of preference."""
    error = rng.standard_normal(preference.shape, dtype=np.float32)
    return np.float32(policy.personalisation) * (preference + np.float32(policy.noise) * error)


def draw_ranking(rng: np.random.Generator, scores: np.ndarray, k: int) -> np.ndarray:
    """For each row k columns without repetition, one after the other by softmax(scores), `[R, k]`.

    Adding Gumbel noise and sorting draws from the Plackett-Luce model: Kool, van Hoof and Welling 2019,
    "Stochastic Beams and Where to Find Them", section 2.
    """
    noisy = np.log(rng.standard_exponential(scores.shape)) - scores
    best = np.argpartition(noisy, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(noisy, best, 1), axis=1)
    return np.take_along_axis(best, order, 1)

"""What people do with a page, by the examination hypothesis."""

import numpy as np


def respond(rng: np.random.Generator, utility: np.ndarray, examination: np.ndarray) -> dict[str, np.ndarray]:
    """Feedback to pages, each `[S, page]`.

    An item is clicked when it is examined, with probability `examination`, and attracts, with probability
    `sigmoid(utility)` (Richardson, Dominowska and Ragno 2007, "Predicting Clicks", section 6). A clicked
    item is watched for a lognormal time of median 15 exp(utility / 2) seconds, and liked or shared with
    probabilities `sigmoid(utility - 2)` and `sigmoid(utility - 4)`. An item that was examined and not clicked
    is hidden with probability `sigmoid(-utility - 5)`; one that was examined, reported with
    `sigmoid(-utility - 8)`.

    Args:
        utility: `[S, page]` of the item at each position.
        examination: `[page]`.
    """
    examined = _happens(rng, np.broadcast_to(examination, utility.shape))
    click = examined & _happens(rng, _sigmoid(utility))
    dwell = 15 * np.exp(0.5 * utility + 0.8 * rng.standard_normal(utility.shape))
    return {
        "click": click,
        "dwell_seconds": np.where(click, dwell, 0).astype(np.float32),
        "like": click & _happens(rng, _sigmoid(utility - 2)),
        "share": click & _happens(rng, _sigmoid(utility - 4)),
        "hide": examined & ~click & _happens(rng, _sigmoid(-utility - 5)),
        "report": examined & _happens(rng, _sigmoid(-utility - 8)),
    }


def _happens(rng: np.random.Generator, probability: np.ndarray) -> np.ndarray:
    return rng.random(probability.shape) < probability


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -x.astype(np.float64)))

"""The log: pages shown day by day, and what people did with them."""

from dataclasses import dataclass

import numpy as np

from recsys.data.simulation import vocabulary
from recsys.data.simulation.catalogue import DAY, START, Catalogue
from recsys.data.simulation.people import People
from recsys.data.simulation.policy import Policy, draw_ranking, item_scores, user_scores
from recsys.data.simulation.preference import Truth
from recsys.data.simulation.responses import respond
from recsys.types import UserError

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Visits:
    """The sessions of one day, in order of time.

    Attributes:
        user: `[S]` int64.
        nth: `[S]` int64, which of the user's sessions of the day it is, from 0.
        time: `[S]` int64, seconds since 1970 UTC.
        device: `[S]` int64.
    """

    user: np.ndarray
    nth: np.ndarray
    time: np.ndarray
    device: np.ndarray


def simulate(
    rng: np.random.Generator,
    people: People,
    items: Catalogue,
    truth: Truth,
    policy: Policy,
    *,
    days: int,
    sessions: float,
) -> Arrays:
    """All impressions, by session and position: the columns of the log by name, the device by its index.

    Args:
        days: length of the log.
        sessions: mean number of a user's sessions a day.

    Raises:
        UserError: nobody came.
    """
    page = len(truth.examination)
    personal = user_scores(rng, policy, truth.preference)
    clicks = np.zeros(len(items.author))
    log: list[Arrays] = []
    for start in range(START, START + days * DAY, DAY):
        shelf = np.flatnonzero(items.published <= start)
        count = np.minimum(rng.poisson(sessions * people.activity), len(shelf) // page)
        if not count.any():
            continue
        visits = _visits(rng, people, count, start)
        common = item_scores(policy, clicks[shelf], (start - items.published[shelf]) / DAY)
        shown = _pages(rng, visits, personal, common, shelf, page=page)
        feedback = respond(rng, truth.preference[visits.user[:, None], shown], truth.examination)
        session, position = np.nonzero(feedback["click"])
        clicked = shown[session, position]
        clicks += np.bincount(clicked, minlength=len(clicks))
        personal[visits.user[session], clicked] -= np.float32(policy.satiation)
        log.append(
            {"user": visits.user, "time": visits.time, "device": visits.device, "item": shown, **feedback}
        )
    if not log:
        raise UserError(f"data.sessions={sessions:g}: nobody came; make data.sessions or data.days larger")
    return _flatten({name: np.concatenate([part[name] for part in log]) for name in log[0]})


def _visits(rng: np.random.Generator, people: People, count: np.ndarray, start: int) -> Visits:
    """When the users come: around noon and in the evening of their own time."""
    user = np.repeat(np.arange(len(count)), count)
    size = len(user)
    hour = np.where(rng.random(size) < 0.35, rng.normal(12.5, 2, size), rng.normal(20, 2, size))
    hour = (hour - people.location[user, 1] / 15) % 24
    time = start + np.minimum(np.floor(hour * 3600).astype(np.int64), DAY - 1)
    other = rng.choice(len(vocabulary.DEVICES), size, p=vocabulary.DEVICE_WEIGHT)
    device = np.where(rng.random(size) < 0.8, people.device[user], other)
    nth = np.empty(size, np.int64)
    nth[np.lexsort((time, user))] = np.arange(size) - np.repeat(np.cumsum(count) - count, count)
    order = np.lexsort((nth, time))
    return Visits(user[order], nth[order], time[order], device[order])


def _pages(
    rng: np.random.Generator,
    visits: Visits,
    personal: np.ndarray,
    common: np.ndarray,
    shelf: np.ndarray,
    *,
    page: int,
) -> np.ndarray:
    """What each session shows, `[S, page]`: a user's sessions of a day go down one ranking of the shelf."""
    users, row = np.unique(visits.user, return_inverse=True)
    ranking = draw_ranking(rng, personal[np.ix_(users, shelf)] + common, (int(visits.nth.max()) + 1) * page)
    return shelf[ranking].reshape(len(users), -1, page)[row, visits.nth]


def _flatten(sessions: Arrays) -> Arrays:
    """From a row a session, with feedback after `item`, to a row an impression."""
    user, time, device, item, *feedback = sessions.values()
    size, page = item.shape
    return {
        "user": np.repeat(user.astype(np.uint32), page),
        "item": item.astype(np.uint32).ravel(),
        "time": np.repeat(time, page),
        "device": np.repeat(device, page),
        "position": np.tile(np.arange(1, page + 1, dtype=np.uint16), size),
        "session": np.repeat(np.arange(size, dtype=np.uint32), page),
        **{name: cells.ravel() for name, cells in zip(list(sessions)[4:], feedback, strict=True)},
    }

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
        row: `[S]` int64, index into the users who come that day.
        nth: `[S]` int64, which of the user's sessions of the day it is, from 0.
        time: `[S]` int64, seconds since 1970 UTC.
        device: `[S]` int64.
    """

    row: np.ndarray
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
    """All impressions, by session and position: a column by name, feedback included.

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
    for day in range(days):
        now = START + day * DAY
        shelf = np.flatnonzero(items.published <= now)
        count = np.minimum(rng.poisson(sessions * people.activity), len(shelf) // page)
        active = np.flatnonzero(count)
        if not len(active):
            continue
        common = item_scores(policy, clicks[shelf], (now - items.published[shelf]) / DAY)
        ranking = draw_ranking(rng, personal[np.ix_(active, shelf)] + common, int(count.max()) * page)
        visits = _visits(rng, people, active, count[active], now)
        shown = shelf[ranking].reshape(len(active), -1, page)[visits.row, visits.nth]
        user = active[visits.row]
        feedback = respond(rng, truth.preference[user[:, None], shown], truth.examination)
        at = np.nonzero(feedback["click"])
        clicks += np.bincount(shown[at], minlength=len(clicks))
        personal[user[at[0]], shown[at]] -= np.float32(policy.satiation)
        log.append(_rows(user, shown, visits) | {name: cells.ravel() for name, cells in feedback.items()})
    if not log:
        raise UserError(f"data.sessions={sessions:g}: nobody came; make data.sessions, days or users larger")
    columns = {name: np.concatenate([part[name] for part in log]) for name in log[0]}
    columns["session"] = np.arange(len(columns["user"]), dtype=np.uint32) // page
    return columns


def _visits(
    rng: np.random.Generator, people: People, active: np.ndarray, count: np.ndarray, start: int
) -> Visits:
    """When the users come: around noon and in the evening of their own time."""
    row = np.repeat(np.arange(len(active)), count)
    user, size = active[row], len(row)
    hour = np.where(rng.random(size) < 0.35, rng.normal(12.5, 2, size), rng.normal(20, 2, size))
    hour = (hour - people.location[user, 1] / 15) % 24
    time = start + np.minimum(np.floor(hour * 3600).astype(np.int64), DAY - 1)
    other = rng.choice(len(vocabulary.DEVICES), size, p=vocabulary.DEVICE_WEIGHT)
    device = np.where(rng.random(size) < 0.8, people.device[user], other)
    by_user = np.lexsort((time, row))
    nth = np.empty(size, np.int64)
    nth[by_user] = np.arange(size) - np.repeat(np.cumsum(count) - count, count)
    order = np.lexsort((nth, time))
    return Visits(row[order], nth[order], time[order], device[order])


def _rows(user: np.ndarray, shown: np.ndarray, visits: Visits) -> Arrays:
    page = shown.shape[1]
    return {
        "user": np.repeat(user, page).astype(np.uint32),
        "item": shown.ravel().astype(np.uint32),
        "time": np.repeat(visits.time, page),
        "device": np.repeat(visits.device, page),
        "position": np.tile(np.arange(1, page + 1, dtype=np.uint16), len(user)),
    }

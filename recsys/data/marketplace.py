"""A simulated content marketplace."""

import json
from typing import ClassVar, final

import numpy as np

from recsys.data import Source
from recsys.data.simulation.catalogue import Catalogue, draw_catalogue
from recsys.data.simulation.frames import item_frame, log_frame, user_frame
from recsys.data.simulation.people import People, draw_people
from recsys.data.simulation.policy import Policy
from recsys.data.simulation.preference import Truth, examination, utility
from recsys.data.simulation.sessions import simulate
from recsys.types import (
    Columns,
    Events,
    Fraction,
    NonNegative,
    NonNegativeInt,
    Positive,
    PositiveInt,
    UserError,
)

VERSION = 1
"""Of the simulation: raised with every change of what the same arguments give."""


@final
class Marketplace(Source):
    """Sessions of ranked impressions with clicks, dwell time and reactions, whose true preferences are known.

    People prefer items by genre (which depends on country and age), by hidden factors that an author's items
    share, by quality and by nearness. A page is chosen day by day from the items that were published before the
    day began, by a softmax over popularity so far, a noisy estimate of preference, and freshness: so the log
    has popularity bias and position bias. Within a day nobody sees an item twice; on other days she may see it
    again, with a probability that falls with each click of hers on it (satiation). Friends are mutual, and
    alike in taste and place. `truth` tells what the log was drawn from. Memory grows as users × items.

    Args:
        users: number of users.
        items: number of items.
        authors: number of authors.
        friends: others that each user picks as friends; a pick makes both friends, so that a user has about
            twice as many.
        days: length of the log, from 2024-01-01.
        sessions: mean number of a user's sessions a day; a user has at most as many as there are items to fill
            their pages with.
        page: impressions a session.
        new_items: share of the items that are published while the log runs, the others within 90 days before.
        offset: utility of an average item for an average user, in log odds of a click once examined.
        taste: standard deviation of the personal part of utility.
        quality: standard deviation of the items' quality, a part of utility.
        locality: what nearness adds to utility, falling with exp(-km / 50).
        eta: position bias: an item at position k is examined with probability k ** -eta.
        popularity: weight of log(1 + clicks so far) in what is shown.
        personalisation: weight of the estimated utility in what is shown.
        noise: standard deviation of the error of that estimate.
        freshness: bonus of a new item in what is shown, halving with each 3 days.
        satiation: what each click of a user on an item takes off its score for her in what is shown.
        seed: of all that is drawn.

    Raises:
        UserError: there are fewer items at the start than a page holds, or no more users than friends to pick.
    """

    impressions: ClassVar[bool] = True

    def __init__(
        self,
        *,
        users: PositiveInt = 2000,
        items: PositiveInt = 1500,
        authors: PositiveInt = 200,
        friends: NonNegativeInt = 4,
        days: PositiveInt = 30,
        sessions: Positive = 0.5,
        page: PositiveInt = 10,
        new_items: Fraction = 0.2,
        offset: float = -4.2,
        taste: NonNegative = 2.4,
        quality: NonNegative = 0.5,
        locality: NonNegative = 1.0,
        eta: NonNegative = 0.7,
        popularity: NonNegative = 0.2,
        personalisation: NonNegative = 0.6,
        noise: NonNegative = 0.8,
        freshness: NonNegative = 1.0,
        satiation: NonNegative = 2.0,
        seed: NonNegativeInt = 0,
    ) -> None:
        self.n_users, self.n_items, self.n_authors, self.n_friends = users, items, authors, friends
        self.days, self.sessions, self.page, self.seed = days, sessions, page, seed
        self.fresh = round(items * new_items)
        self.utility = {"offset": offset, "taste": taste, "quality": quality, "locality": locality}
        self.eta = eta
        self.policy = Policy(popularity, personalisation, noise, freshness, satiation)
        problems = self._problems()
        if problems:
            raise UserError(*problems)

    @property
    def columns(self) -> Columns:
        """The declared columns, known before anything is drawn."""
        return Columns(
            user={
                "user_id": "id",
                "age": "number",
                "country": "category",
                "location": "geo",
                "friends": "categories",
            },
            item={
                "item_id": "id",
                "author": "category",
                "genres": "categories",
                "text": "text",
                "location": "geo",
                "published": "time",
            },
            context={"timestamp": "time", "device": "category", "position": "number", "session": "id"},
            feedback={
                "click": "flag",
                "dwell_seconds": "number",
                "like": "flag",
                "share": "flag",
                "hide": "flag",
                "report": "flag",
            },
        )

    def fingerprint(self) -> str:
        """The arguments and the version of the simulation."""
        return f"marketplace {VERSION} {json.dumps(vars(self), default=repr, sort_keys=True)}"

    def truth(self) -> Truth:
        """What `load` draws the log from."""
        _, people, items = self._world()
        return self._truth(people, items)

    def load(self) -> Events:
        """Draw the world and its log; rows by time, then session, then position."""
        rng, people, items = self._world()
        truth = self._truth(people, items)
        arrays = simulate(rng, people, items, truth, self.policy, days=self.days, sessions=self.sessions)
        return Events(
            log=log_frame(arrays),
            users=user_frame(people),
            items=item_frame(items),
            columns=self.columns,
            impressions=self.impressions,
        )

    def _problems(self) -> list[str]:
        """What is wrong across the arguments."""
        problems, at_start = [], self.n_items - self.fresh
        if self.page > at_start:
            problems.append(
                f"data.page={self.page}: only {at_start} of data.items={self.n_items} are there at the start; "
                "make data.page or data.new_items smaller, or data.items larger"
            )
        if self.n_friends >= self.n_users:
            problems.append(
                f"data.friends={self.n_friends}: there are only {self.n_users - 1} others; "
                f"make it at most {self.n_users - 1}, or data.users larger"
            )
        return problems

    def _world(self) -> tuple[np.random.Generator, People, Catalogue]:
        rng = np.random.default_rng(self.seed)
        people = draw_people(rng, self.n_users, self.n_friends)
        return rng, people, draw_catalogue(rng, self.n_items, self.n_authors, self.fresh, self.days)

    def _truth(self, people: People, items: Catalogue) -> Truth:
        return Truth(utility(people, items, **self.utility), examination(self.page, self.eta))

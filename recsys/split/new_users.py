"""Some users are met for the first time when the model is measured."""

from typing import final

from recsys.ops.splits import check_shares, cut, draw_entities
from recsys.split import Splitter
from recsys.types import Events, Fraction, Promise, Split


@final
class NewUsers(Splitter):
    """Users drawn at random are held out whole: all rows of a user are in train, or in valid, or in test.

    So the held-out users have no history, and are recommended to by their attributes alone. It has no
    condition on time: train has rows that are later than held-out ones.

    Args:
        valid: share of the users that have a row.
        test: share of the users that have a row.
        seed: of the drawing.
    """

    promises: frozenset[Promise] = frozenset({"new_users"})

    def __init__(self, *, valid: Fraction = 0.1, test: Fraction = 0.1, seed: int = 42) -> None:
        check_shares(valid, test)
        self.valid, self.test, self.seed = valid, test, seed

    def split(self, events: Events) -> Split:
        """Mark all rows of a user alike."""
        part, valid, test = draw_entities(events.log["user"], self.valid, self.test, self.seed)
        notes = [f"{valid:,} validation and {test:,} test users, drawn at random, have no row in train"]
        if "time" in events.log.columns:
            notes.append("users at random: later events of others are learnt from to foretell earlier ones")
        return cut(events, part, notes)

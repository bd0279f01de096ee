"""Features at a moment, looked up and encoded: the same for training, negatives, evaluation and serving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl
import torch
from torch import Tensor

from recsys.encoders import Encoder, State
from recsys.features import Feature, Index
from recsys.types import Answer, Queries, Slate

Side = Literal["user", "item", "cross"]

AT_ONCE = 2**20
"""Questions asked at once."""
NO_TIME = 0
"""The moment of all events and questions of a source without time."""


@dataclass(frozen=True)
class Encoding:
    """How one answer is encoded."""

    answer: Answer
    encoder: Encoder
    state: State


@dataclass(frozen=True)
class Moments:
    """The chosen features with what they look up, and how their answers are encoded.

    Attributes:
        features, indexes: by name.
        encodings: of every answered column that is used.
    """

    features: Mapping[str, Feature]
    indexes: Mapping[str, Index]
    encodings: tuple[Encoding, ...]

    def has(self, side: Side) -> bool:
        """Whether a column of that side is used."""
        return any(encoding.answer.side == side for encoding in self.encodings)

    def ask(
        self, side: Side, user: Tensor | None, item: Tensor | None, time: Tensor | None
    ) -> dict[str, Tensor]:
        """The encoded columns of one side, looked up on the CPU and handed back on the device of the question.

        Args:
            user, item: `[…]` int64; None where the side does not need it.
            time: `[…]` int64 seconds, of the same shape; None where the source has no time.

        Returns:
            By name `[…, …]`.
        """
        if not self.has(side):
            return {}
        time = _moment(time, user if item is None else item)
        device, time = time.device, time.cpu()
        users, items = (_flat(user, time), _flat(item, time))
        blocks = time.reshape(-1).split(AT_ONCE)
        parts = [self._ask(side, *asked) for asked in zip(users, items, blocks, strict=True)]
        joined = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        return {name: values.view(*time.shape, *values.shape[1:]).to(device) for name, values in joined.items()}

    def raw(self, answer: Answer, user: Tensor, item: Tensor, time: Tensor) -> Tensor:
        """One column as the feature answers it, `[M]` or `[M, L]`."""
        for name, feature in self.features.items():
            answers = feature.answer(self.indexes[name], answer.side, user, item, time)
            if answer.name in answers:
                return answers[answer.name]
        raise KeyError(answer.name)

    def _ask(self, side: Side, user: Tensor | None, item: Tensor | None, time: Tensor) -> dict[str, Tensor]:
        answers: dict[str, Tensor] = {}
        for name, feature in self.features.items():
            answers |= feature.answer(self.indexes[name], side, user, item, time)
        return {
            one.answer.name: encoded(one.encoder, one.state, answers[one.answer.name])
            for one in self.encodings
            if one.answer.side == side
        }

    def of_queries(self, queries: Queries) -> Queries:
        """The queries with the user's features among their context."""
        if not self.has("user"):
            return queries
        return replace(
            queries, context={**queries.context, **self.ask("user", queries.user, None, queries.time)}
        )

    def of_slate(self, slate: Slate) -> Slate:
        """The slate with the user's features among its context, and those of its candidates.

        Of candidates that every row shares, candidate c is asked for at the time of row c, or, where there are
        more candidates than the B rows, of row c mod B.
        """
        if not self.encodings:
            return slate
        moment = _moment(slate.time, slate.user)
        context = {**slate.context, **self.ask("user", slate.user, None, moment)}
        shape = (len(slate.user), slate.items.shape[-1])
        features: dict[str, Tensor] = {}
        if slate.items.dim() == 1:
            row = torch.arange(len(slate.items), device=moment.device) % len(moment)
            features |= self.ask("item", None, slate.items, moment[row])
        else:
            time = moment[:, None].expand(shape)
            features |= self.ask("item", None, slate.items, time)
            features |= self.ask("cross", slate.user[:, None].expand(shape), slate.items, time)
        return replace(slate, context=context, features=features)


def _moment(time: Tensor | None, like: Tensor | None) -> Tensor:
    """The time, or where there is none, the one moment that there is for each question."""
    if time is not None:
        return time
    if like is None:
        raise ValueError("a question without time is about a user or an item")
    return torch.full_like(like, NO_TIME)


def _flat(index: Tensor | None, time: Tensor) -> Sequence[Tensor | None]:
    """One index a question, in blocks."""
    if index is None:
        return [None] * len(time.reshape(-1).split(AT_ONCE))
    return index.cpu().expand(time.shape).reshape(-1).split(AT_ONCE)


def encoded(encoder: Encoder, state: State, values: Tensor) -> Tensor:
    """Answers in the form that the learned part reads; a NaN is a missing value."""
    if values.dim() > 1:
        return values
    return encoder.encode(pl.Series(values.double().numpy(), nan_to_null=True), state)


NONE = Moments({}, {}, ())
"""No features."""

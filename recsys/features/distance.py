"""How far the item is from the user."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import rows
from recsys.ops.geography import haversine
from recsys.types import Answer, Attribute, Columns, ColumnType, History, UserError


@final
class Distance(Feature):
    """Kilometres along the great circle from the user's place to the item's, `distance_km` (haversine formula).

    NaN where a place is missing, or the user or the item is unknown. It is the same at every moment.

    Args:
        user, item: columns of type geo; None takes the first.
    """

    def __init__(self, *, user: str | None = None, item: str | None = None) -> None:
        self.user, self.item = user, item

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """One of the cross."""
        reasons = [
            reason
            for side, name, types in (("user", self.user, declared.user), ("item", self.item, declared.item))
            for reason in _problem(side, name, types)
        ]
        if reasons:
            raise UserError(*reasons)
        return [Answer("distance_km", "cross")]

    def index(self, history: History) -> Index:
        """The places of users and items, with one more, NaN, for those that are unknown."""
        return {"user": _places(history.users, self.user), "item": _places(history.items, self.item)}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """The distance, of the cross."""
        if side != "cross" or user is None or item is None:
            return {}
        return {"distance_km": haversine(_of(index["user"], user), _of(index["item"], item)).float()}


def _problem(side: str, name: str | None, types: Mapping[str, ColumnType]) -> list[str]:
    there = [column for column, type_ in types.items() if type_ == "geo"]
    if name in there or (name is None and there):
        return []
    key = f"features.distance.{side}={'null' if name is None else name}"
    hint = f"choose one of {', '.join(there)}" if there else f"the {side}s have none, leave distance out"
    return [f"{key}: no {side} column of type geo; {hint}"]


def _places(attributes: Mapping[str, Attribute], name: str | None) -> Tensor:
    chosen = name or next(column for column, attribute in attributes.items() if attribute.type == "geo")
    values = attributes[chosen].values
    assert isinstance(values, Tensor)
    return torch.cat([values, torch.full((1, 2), torch.nan, dtype=torch.float64)])


def _of(places: Tensor, index: Tensor) -> Tensor:
    return places[rows.known(index, len(places) - 1)]

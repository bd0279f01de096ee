"""Encoded columns as they are, for models that learn no vectors."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from recsys.nn.fields import EMPTY
from recsys.ops.rows import gather
from recsys.types import Field, TrainRows

LISTED = 100
"""The most values of lists that get a column each."""


class RawFields(nn.Module):
    """The encoded values of some fields of one side as columns of numbers.

    Numbers and vectors stand as they are encoded, and a place in a vocabulary as a category. A list of such
    places is how many there are, and a column for each of the values that are the most common in training, how
    often it comes. A sequence of items is how many there are, and the last of them as a category.

    Args:
        fields: of one side; their order is the order of the columns.
        train: says which values of lists are common.

    Attributes:
        width: columns of all fields together.
    """

    def __init__(self, fields: Sequence[Field], train: TrainRows) -> None:
        super().__init__()
        self.fields = tuple(fields)
        self.width = 0
        for place, field in enumerate(fields):
            self.register_buffer(f"table_{place}", field.table, persistent=False)
            listed = field.type in ("categories", "text") and not _encoded_in(field, train).is_floating_point()
            slots = _slots(_encoded_in(field, train)) if listed else None
            self.register_buffer(f"slots_{place}", slots, persistent=False)
            self.width += _width(field, train, slots)

    def forward(self, index: Tensor, given: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The columns of entities `[...]`, `[..., columns]` float32; of none `[..., 0]`.

        Args:
            given: encoded values `[..., *]` of the fields that have no value of their own for an entity.
        """
        parts = [self._columns(place, index, given) for place in range(len(self.fields))]
        return torch.cat(parts, -1) if parts else torch.zeros(*index.shape, 0, device=index.device)

    def categories(self, index: Tensor, given: Mapping[str, Tensor] = EMPTY) -> list[str | None]:
        """For each column the field's name where it is a category, else None; arguments as of the call."""
        names: list[str | None] = []
        for place, field in enumerate(self.fields):
            width = self._columns(place, index, given).shape[-1]
            if field.type == "sequence":
                names += [None, field.name]
            else:
                listed = getattr(self, f"slots_{place}") is not None
                plain = listed or self._encoded(place, index, given).is_floating_point()
                names += [None if plain else field.name] * width
        return names

    def _encoded(self, place: int, index: Tensor, given: Mapping[str, Tensor]) -> Tensor:
        table: Tensor | None = getattr(self, f"table_{place}")
        return given[self.fields[place].name] if table is None else gather(table, index)

    def _columns(self, place: int, index: Tensor, given: Mapping[str, Tensor]) -> Tensor:
        values, slots = self._encoded(place, index, given), getattr(self, f"slots_{place}")
        if self.fields[place].type == "sequence":
            return _last(values)
        if slots is not None:
            return _listed(values, slots)
        return (values.unsqueeze(-1) if values.dim() == index.dim() else values).float()


def _encoded_in(field: Field, train: TrainRows) -> Tensor:
    """The values of a field for each entity or row of training; none of a feature at a moment."""
    if field.table is None:
        return train.context.get(field.name, train.user[:0, None])
    return field.table[(train.user if field.side == "user" else train.item).unique()]


def _width(field: Field, train: TrainRows, slots: Tensor | None) -> int:
    """How many columns a field has."""
    if field.type == "sequence":
        return 2
    if slots is not None:
        return int(slots.max()) + 1
    encoded = train.context.get(field.name) if field.table is None else field.table
    return 1 if encoded is None else max(1, encoded[:1].numel())


def _slots(places: Tensor) -> Tensor:
    """The column of each place in a vocabulary, from 1; 0 for a place without one, as 0 is."""
    counts = places.flatten().bincount()
    counts[:1] = 0
    common = counts.argsort(descending=True, stable=True)[:LISTED]
    common = common[counts[common] > 0].sort().values
    slots = torch.zeros(max(1, len(counts)), dtype=torch.int64, device=places.device)
    slots[common] = torch.arange(1, len(common) + 1, device=places.device)
    return slots


def _listed(places: Tensor, slots: Tensor) -> Tensor:
    """How many places there are, and how often each that has a column comes, `[..., 1 + columns]`."""
    known = torch.where(places < len(slots), places, 0)
    width = int(slots.max()) + 1
    counts = torch.zeros(*places.shape[:-1], width, device=places.device)
    counts.scatter_add_(-1, slots[known], torch.ones_like(places, dtype=counts.dtype))
    counts[..., 0] = (places > 0).sum(-1)
    return counts


def _last(items: Tensor) -> Tensor:
    """How many items a sequence has, and the last, -1 where there is none, `[..., 2]`."""
    there = items >= 0
    places = torch.arange(1, items.shape[-1] + 1, device=items.device) * there
    last = items.gather(-1, places.argmax(-1, keepdim=True))
    return torch.cat([there.sum(-1, keepdim=True), last], -1).float()

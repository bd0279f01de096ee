"""The fields of query, candidates and their crosses, as vectors of one width."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from recsys.nn.distinct import once
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.project import Project
from recsys.types import Schema, Slate, UserError


class Sides(nn.Module):
    """A vector for each field, by what it depends on, so that each side is computed once and not once a pair.

    A side without fields has one of zeros, so that there is always something to add.

    Args:
        width: of all vectors.
        asker: the model that reads them, as it was chosen, for the error.

    Attributes:
        query, item, cross: number of fields of the query, of an item and of both together (0 where none).

    Raises:
        UserError: there is no field at all.
    """

    def __init__(self, schema: Schema, width: int, asker: str) -> None:
        super().__init__()
        if not schema.fields:
            raise UserError(f"{asker} needs an encoded column; drop fewer")
        names = ("user", "context", "item", "cross")
        sides = {side: [f for f in schema.fields if f.side == side] for side in names}
        banks = {side: FieldBank(fields, width) for side, fields in sides.items()}
        self.banks = nn.ModuleDict(banks)
        self.of_query = _project([banks["user"], banks["context"]], width)
        self.of_item, self.of_cross = _project([banks["item"]], width), _project([banks["cross"]], width)
        self.query, self.item = max(1, len(self.of_query.maps)), max(1, len(self.of_item.maps))
        self.cross, self.width = len(self.of_cross.maps), width
        self.moments = any(field.table is None for field in sides["item"])

    def of_slate(self, slate: Slate) -> Tensor:
        """The query's vectors, `[B, query, width]`."""
        fields = self.banks["user"](slate.user) + self.banks["context"].encode(slate.context)  # type: ignore[operator]
        return self.of_query(fields, slate.user)

    def of_items(
        self,
        items: Tensor,
        features: Mapping[str, Tensor],
        encode: Callable[[Tensor], Tensor] = lambda fields: fields.flatten(-2),
    ) -> Tensor:
        """What `encode` makes of the items' vectors `[..., item, width]`, or they side by side; `[..., D]`.

        Each distinct item is computed once, unless it has features of the moment.
        """
        bank = self.banks["item"]
        if self.moments:
            return encode(self.of_item(bank(items, features), items))
        return once(items, lambda index: encode(self.of_item(bank(index, EMPTY), index)))

    def of_pairs(self, features: Mapping[str, Tensor]) -> Tensor:
        """The vectors of the fields of both together, `[B, C, cross, width]`; only where there are any."""
        vectors = self.banks["cross"].encode(features)  # type: ignore[operator]
        return self.of_cross(vectors, vectors[0][..., 0])

    def beside(self, query: Tensor, items: Tensor, features: Mapping[str, Tensor]) -> Tensor:
        """The fields of all sides for each pair, `[B, C, query + item + cross, width]`.

        Args:
            query: `[B, query * width]`, field after field.
            items: `[B, C, item * width]`, or `[C, item * width]` where every row shares them.
            features: encoded cross features by name, `[B, C, ...]`.
        """
        shape = (len(query), items.shape[-2], -1)
        parts = [query[:, None].expand(shape), items.expand(shape)]
        if self.cross:
            parts.append(self.of_pairs(features).flatten(-2))
        return torch.cat(parts, -1).unflatten(-1, (-1, self.width))


def _project(banks: Sequence[FieldBank], width: int) -> Project:
    fields = [(of, fixed) for bank in banks for of, fixed in zip(bank.widths, bank.fixed, strict=True)]
    return Project([of for of, _ in fields], width, [fixed for _, fixed in fields])

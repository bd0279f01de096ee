"""Encoded columns of one side, gathered by entity and turned into vectors."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from torch import Tensor, nn

from recsys.ops.rows import gather
from recsys.types import Field

EMPTY: Mapping[str, Tensor] = MappingProxyType({})


class FieldBank(nn.Module):
    """The learned parts of several fields, with the encoded values of every entity.

    Args:
        fields: of one side; their order is the order of all that is returned.
        dim: embedding size for fields that learn one.
    """

    def __init__(self, fields: Sequence[Field], dim: int) -> None:
        super().__init__()
        self.names = [field.name for field in fields]
        self.encoders = nn.ModuleList([field.module(dim) for field in fields])
        self.widths: list[int] = [int(encoder.width) for encoder in self.encoders]  # type: ignore[arg-type]
        self.width = sum(self.widths)
        self.fixed = [not any(True for _ in encoder.parameters()) for encoder in self.encoders]
        for place, field in enumerate(fields):
            self.register_buffer(f"table_{place}", field.table, persistent=False)

    def forward(self, index: Tensor, features: Mapping[str, Tensor] = EMPTY) -> list[Tensor]:
        """A vector per field, `[..., width]`, for entities `[...]`.

        Args:
            features: encoded values `[..., *]` of the fields that have no value of their own for an entity.
        """
        vectors = []
        for place, (name, encoder) in enumerate(zip(self.names, self.encoders, strict=True)):
            table = getattr(self, f"table_{place}")
            vectors.append(encoder(features[name] if table is None else gather(table, index)))
        return vectors

    def encode(self, context: Mapping[str, Tensor]) -> list[Tensor]:
        """A vector per field, `[..., width]`, for values that come with the rows."""
        return [encoder(context[name]) for encoder, name in zip(self.encoders, self.names, strict=True)]

"""Encoded columns of one side, gathered by entity and turned into vectors."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from recsys.ops.rows import gather
from recsys.types import Field


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
        for place, field in enumerate(fields):
            self.register_buffer(f"table_{place}", field.table, persistent=False)

    def forward(self, index: Tensor) -> list[Tensor]:
        """A vector per field, `[..., width]`, for entities `[...]`."""
        tables = [getattr(self, f"table_{place}") for place in range(len(self.names))]
        return [encoder(gather(table, index)) for encoder, table in zip(self.encoders, tables, strict=True)]

    def encode(self, context: Mapping[str, Tensor]) -> list[Tensor]:
        """A vector per field, `[B, width]`, for values that come with the rows."""
        return [encoder(context[name]) for encoder, name in zip(self.encoders, self.names, strict=True)]

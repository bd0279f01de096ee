"""The vector of an entity's id alone."""

from torch import Tensor, nn

from recsys.nn.fields import FieldBank
from recsys.nn.project import to_width
from recsys.types import Schema, Side, UserError


class IdVectors(nn.Module):
    """The id's vector, brought to a size where its encoder keeps one of its own or has learnt nothing.

    Args:
        size: of the vectors.
        asker: the model that reads them, as it was chosen, for the error.

    Raises:
        UserError: the ids are dropped.
    """

    def __init__(self, schema: Schema, side: Side, size: int, asker: str) -> None:
        super().__init__()
        fields = [field for field in schema.fields if field.side == side and field.type == "id"]
        fields = [field for field in fields if field.table is not None]
        if not fields:
            raise UserError(f"{asker} reads the {side} id, which is dropped; choose encoders/id=embedding")
        self.bank = FieldBank(fields, size)
        self.project = to_width(self.bank.widths[0], size, fixed=self.bank.fixed[0])

    def forward(self, index: Tensor) -> Tensor:
        """Vectors `[..., size]` of the entities `[...]`."""
        return self.project(self.bank(index)[0])

"""What a user took up last, for models that read it item by item."""

from torch import Tensor, nn

from recsys.nn.histories import packed
from recsys.nn.ids import IdVectors
from recsys.types import Need, Schema, Slate, UserError

NAME = "user_history"
"""Of the sequence of items that `features.history` promises."""
HISTORY = Need("features.history", "it reads what the user took up last, item by item")


class Past(nn.Module):
    """The user's last items before the moment, as vectors of the items that are recommended.

    Args:
        asker: the model that reads them, as it was chosen, for the error.
        size: of the vectors.

    Raises:
        UserError: there is no `user_history`, or the item ids are dropped.
    """

    def __init__(self, schema: Schema, asker: str, size: int) -> None:
        super().__init__()
        there = [f.name for f in schema.fields if f.type == "sequence" and f.side == "context"]
        if NAME not in there:
            raise UserError(
                f"{asker} reads what the user took up last; choose features=[history], and an encoder for "
                "sequences that is not drop"
            )
        self.name = NAME
        self.items = IdVectors(schema, "item", size, asker)

    def forward(self, slate: Slate) -> tuple[Tensor, Tensor]:
        """Vectors `[B, L, size]`, earliest first, zeros behind the latest, and where items are, `[B, L]`."""
        items = packed(slate.context[self.name])
        there = items >= 0
        return self.items(items.clamp_min(0)) * there.unsqueeze(-1), there

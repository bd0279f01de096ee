"""Learned vectors, looked up in one table or put together from several."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

Operation = Literal["product", "sum", "concat"]


class Table(nn.Embedding):
    """A learned vector for each of `rows` places.

    Args:
        rows: number of places.
        width: length of the vectors.
        std: standard deviation of the normal distribution that the table is drawn from.
    """

    def __init__(self, rows: int, width: int, std: float) -> None:
        self.std = std
        super().__init__(rows, width)
        self.width = width

    def reset_parameters(self) -> None:
        """Draw the table."""
        nn.init.normal_(self.weight, std=self.std)


class TwoTables(nn.Module):
    """A vector from each of two tables, and one vector of both.

    Args:
        rows: of the two tables.
        width: of the vectors returned; `concat` halves it between the tables, the first has the larger half.
            A width of 1 cannot be halved: there `concat` is `sum`.
        operation: how two vectors become one; `product` is elementwise.
        std: standard deviation of the vectors returned, at the start.
    """

    def __init__(self, rows: Sequence[int], width: int, operation: Operation, std: float) -> None:
        super().__init__()
        if width == 1 and operation == "concat":
            operation = "sum"
        self.width, self.operation = width, operation
        halves = (width - width // 2, width // 2) if operation == "concat" else (width, width)
        each = {"product": std**0.5, "sum": std / 2**0.5, "concat": std}[operation]
        self.tables = nn.ModuleList([Table(n, half, each) for n, half in zip(rows, halves, strict=True)])

    def forward(self, places: Tensor) -> Tensor:
        """From `[..., 2]` to `[..., width]`."""
        first, second = (table(places[..., at]) for at, table in enumerate(self.tables))
        if self.operation == "concat":
            return torch.cat([first, second], -1)
        return first + second if self.operation == "sum" else first * second

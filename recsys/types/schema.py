"""What a model is built from: how many entities there are, and their encoded columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from recsys.types.events import ColumnType

if TYPE_CHECKING:
    from torch import Tensor, nn

Side = Literal["user", "item", "context", "cross"]


@dataclass(frozen=True)
class Field:
    """One encoded column. Made by `flow.encode` from an encoder and what it was fitted to.

    Attributes:
        side: whose it is; a feature of the user at a moment counts as context, one of user and item together is
            `cross`.
        table: the encoded value of each entity, `[entities, ...]`; None for what travels with the rows:
            context, and features at a moment.
        module: from the model's embedding size to the learned part, a module from encoded values
            `[..., ...]` to vectors `[..., width]`, with an attribute `width`. Learned tables take the
            model's size; encoders without parameters keep their own.
    """

    name: str
    side: Side
    type: ColumnType
    table: Tensor | None
    module: Callable[[int], nn.Module]


@dataclass(frozen=True)
class Task:
    """One of several labels. Made by `build` from `label=multi`.

    Attributes:
        amount: the label is an amount or a grade, no class: what is predicted is a number, no chance's logit.
    """

    name: str
    amount: bool = False


@dataclass(frozen=True)
class Schema:
    """The entities and the encoded columns. Made by `flow.encode`.

    Attributes:
        tasks: of a label of several tasks, the one that is measured by first; none of a single label.
    """

    n_users: int
    n_items: int
    fields: tuple[Field, ...]
    tasks: tuple[Task, ...] = ()

"""Raw columns that a person names, or the first that fits."""

from collections.abc import Collection, Mapping
from typing import Literal

from torch import Tensor

from recsys.types import Attribute, ColumnType, Csr, UserError


def choose(
    key: str,
    name: str | None,
    attributes: Mapping[str, Attribute],
    side: Literal["user", "item"],
    types: Collection[ColumnType],
) -> Attribute:
    """The named column, or the first of one of the types where no name is given.

    Args:
        key: of the config, for the message.

    Raises:
        UserError: there is no such column, or it has another type; names the columns there are.
    """
    fitting = {column: a for column, a in attributes.items() if a.type in types}
    wanted = " or ".join(types)
    if name is None and not fitting:
        there = ", ".join(f"{column} ({a.type})" for column, a in attributes.items()) or "none"
        raise UserError(f"{key}: data has no {side} column of type {wanted}; its {side} columns are: {there}")
    if name is not None and name not in fitting:
        wrong = f"is of type {attributes[name].type}, not {wanted}" if name in attributes else "is not there"
        others = (
            f"choose one of {', '.join(fitting)}" if fitting else f"data has no {side} column of such a type"
        )
        raise UserError(f"{key}={name}: this {side} column {wrong}; {others}")
    return fitting[next(iter(fitting)) if name is None else name]


def column(attribute: Attribute) -> Tensor:
    """The values of a column that has one an entity, `[N]`."""
    if isinstance(attribute.values, Csr):
        raise TypeError(f"a column of type {attribute.type} holds lists")
    return attribute.values

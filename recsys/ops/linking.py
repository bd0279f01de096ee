"""Who is linked to whom among users."""

from collections.abc import Mapping, Sequence

import torch

from recsys.ops import csr
from recsys.types import Attribute, Columns, Csr, Graph, UserError


def check_column(column: str, declared: Columns, key: str) -> None:
    """Refuse what is no user column of type categories.

    Args:
        key: of the config, for the message.

    Raises:
        UserError: with the columns that there are.
    """
    _check(column, [name for name, type_ in declared.user.items() if type_ == "categories"], key)


def _check(column: str, there: Sequence[str], key: str) -> None:
    if column not in there:
        hint = f"choose one of {', '.join(there)}" if there else "the users have none, leave it null"
        raise UserError(f"{key}={column}: no user column of type categories; {hint}")


def of_column(column: str, users: Mapping[str, Attribute], keys: Sequence[object], key: str) -> Csr:
    """The users that each user's column lists by their ids; ids of nobody are left out.

    Args:
        keys: the id of each user.
        key: of the config, for the message.

    Raises:
        UserError: there is no such column of type categories, or it lists no user.
    """
    lists = {name: one.values for name, one in users.items() if isinstance(one.values, Csr)}
    _check(column, list(lists), key)
    listed, values = users[column], lists[column]
    numbered = {str(name): place for place, name in enumerate(keys)}
    places = torch.tensor([numbered.get(name, -1) for name in listed.names], dtype=torch.int64)
    linked = places[values.idx]
    known = linked >= 0
    if len(listed.names) and not bool(known.any()):
        raise UserError(f"{key}={column}: lists no id of a user, such as {keys[0]!r}; leave it null")
    return csr.from_pairs(csr.rows_of(values)[known], linked[known], len(keys))


def mutual(graph: Graph) -> Csr:
    """The links of users with users, both ways, where items are the same users."""
    user, item = csr.rows_of(graph.user_items), graph.user_items.idx
    return csr.from_pairs(torch.cat([user, item]), torch.cat([item, user]), len(graph.user_items.ptr) - 1)


def check_same(keys: Mapping[str, Sequence[object]], asker: str) -> None:
    """Refuse items that are not the users in the same order.

    Raises:
        UserError: they are others.
    """
    if list(keys.get("user", ())) != list(keys.get("item", ())):
        raise UserError(f"{asker} takes items for users, and here they are others; choose data=lastfm_friends")

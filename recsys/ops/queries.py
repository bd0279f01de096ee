"""From held-out rows to one ranking question a user."""

from collections.abc import Sequence

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr, HoldoutRows, Queries, Rows, Schema


def ask(holdout: HoldoutRows, before: Sequence[Rows], schema: Schema, *, impressions: bool) -> Queries:
    """One query for each user with a held-out positive that is still a candidate.

    Args:
        before: the rows that came earlier (train; for test also valid); what was taken up in them is seen.
            Of impressions those with a positive label count as taken up, of other events all.
        impressions: whether a row says that the item was shown, or that it was taken up.
    """
    seen = csr.keys(_pairs(before, schema, positive_only=impressions), schema.n_items)
    wanted = csr.keys(_pairs([holdout], schema, positive_only=True), schema.n_items)
    fresh = wanted[~csr.contains(seen, wanted)]
    relevant = _csr(fresh, schema)
    users = csr.lengths(relevant).nonzero().squeeze(1)
    first = _first_rows(holdout.user, schema.n_users)[users]
    return Queries(
        user=users,
        relevant=csr.take(relevant, users),
        seen=csr.take(_csr(seen, schema), users),
        time=None if holdout.time is None else holdout.time[first],
        context={name: values[first] for name, values in holdout.context.items()},
        dropped=len(wanted) - len(fresh),
    )


def _pairs(parts: Sequence[Rows], schema: Schema, *, positive_only: bool) -> Csr:
    user = torch.cat([rows.user[rows.label > 0] if positive_only else rows.user for rows in parts])
    item = torch.cat([rows.item[rows.label > 0] if positive_only else rows.item for rows in parts])
    return csr.from_pairs(user, item, schema.n_users)


def _csr(keys: Tensor, schema: Schema) -> Csr:
    return csr.from_pairs(keys // schema.n_items, keys % schema.n_items, schema.n_users)


def _first_rows(user: Tensor, n_users: int) -> Tensor:
    """The first row of each user, `[n_users]`; the number of rows where there is none."""
    first = torch.full((n_users,), len(user))
    return first.scatter_reduce_(0, user, torch.arange(len(user)), "amin")


def cut(queries: Queries, start: int, stop: int) -> Queries:
    """The queries from `start` up to, not including, `stop`."""
    stop = min(stop, len(queries.user))
    return Queries(
        user=queries.user[start:stop],
        relevant=csr.part(queries.relevant, start, stop),
        seen=csr.part(queries.seen, start, stop),
        time=None if queries.time is None else queries.time[start:stop],
        context={name: values[start:stop] for name, values in queries.context.items()},
    )

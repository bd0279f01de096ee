"""Candidates that all rows of a batch share."""

import torch
from torch import Tensor

from recsys.ops import csr, weighing
from recsys.types import Csr, Slate, TrainRows


def slate(batch: TrainRows, others: Tensor, links: Csr | None, log_q: Tensor) -> Slate:
    """Every row's own item, and others, as candidates of all rows; a row's own is its one positive.

    Args:
        others: `[M]` int64.
        links: the positives of each user, which do not count as her negatives; None leaves out only the row's
            own item where it comes once more.
        log_q: `[B + M]`, of the batch's items and then the others, or `[B, B + M]`.

    Returns:
        A slate with items `[B + M]`, log_q as given, and labels and mask `[B, B + M]`.
    """
    items = torch.cat([batch.item, others])
    own = torch.eye(len(batch.user), len(items), device=items.device)
    return Slate(
        user=batch.user,
        items=items,
        labels=own,
        mask=(~_taken(batch, items, links)).fill_diagonal_(True),
        weights=weighing.cells(batch, own > 0),
        log_q=log_q,
        time=batch.time,
        context=batch.context,
    )


def _taken(batch: TrainRows, items: Tensor, links: Csr | None) -> Tensor:
    """Which candidates are the row's own or positives of its user, `[B, C]` bool.

    The users' lists are matched with the distinct candidates, and those spread over their columns.
    """
    distinct, column = torch.unique(items, return_inverse=True)
    taken = torch.zeros(len(batch.user), len(distinct), dtype=torch.bool, device=items.device)
    taken[torch.arange(len(batch.user), device=items.device), column[: len(batch.user)]] = True
    if links is not None:
        lists = csr.take(links, batch.user)
        place = torch.searchsorted(distinct, lists.idx).clamp_max_(len(distinct) - 1)
        found = distinct[place] == lists.idx
        taken[csr.rows_of(lists)[found], place[found]] = True
    return taken[:, column]

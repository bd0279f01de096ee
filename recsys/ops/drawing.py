"""Drawing candidates that are no positives of the user."""

from collections.abc import Callable

import torch
from torch import Tensor

from recsys.ops import csr, weighing
from recsys.types import Csr, Slate, TrainRows

ROUNDS = 8


def negatives(
    user: Tensor, where: Callable[[Tensor, Tensor], Tensor], shape: int, draw: Callable[[int], Tensor]
) -> tuple[Tensor, Tensor]:
    """For each user `shape` items that are none of hers, and which of them are.

    What collides is drawn again, a few times; what still collides is marked False. What is marked True has
    the distribution of `draw`, given that it is no positive of the user.

    Args:
        user: `[B]`.
        where: from users `[B]` and items `[B, N]` to the places of those pairs that are positive, counted
            along the rows, `[K]`: see `nn.pairs`.
        draw: so many items, `[n]`.
    """
    items = draw(len(user) * shape)
    wrong = where(user, items.view(len(user), shape))
    for _ in range(ROUNDS):
        if not len(wrong):
            break
        again = draw(len(wrong))
        items[wrong] = again
        wrong = wrong[where(user[wrong // shape], again[:, None])]
    valid = torch.ones(len(items), dtype=torch.bool, device=items.device)
    valid[wrong] = False
    return items.view(len(user), shape), valid.view(len(user), shape)


def nth_free(taken: Csr, nth: Tensor) -> Tensor:
    """The n-th whole number, from 0, that is not among a row's.

    A row's i-th number t_i has t_i - i free ones below it, which does not fall along the row: the n-th free one
    has as many of the row's below it as have t_i - i <= n.

    Args:
        taken: whole numbers of each of B rows, ascending.
        nth: `[B, N]` int64.

    Returns:
        `[B, N]` int64.
    """
    row = csr.rows_of(taken)
    below = taken.idx - (torch.arange(len(row), device=row.device) - taken.ptr[row])
    width = max(int(nth.max()) + 1, int(below.max()) + 1 if len(below) else 0, 1)
    offset = torch.arange(len(nth), device=nth.device)[:, None] * width
    before = torch.searchsorted(below + row * width, nth.clamp_min(0) + offset, right=True)
    return nth + before - taken.ptr[:-1, None]


def beside(batch: TrainRows, items: Tensor, valid: Tensor, log_q: Tensor) -> Slate:
    """The slate of each row's positive, in column 0, and its negatives.

    Args:
        items: `[B, N]`.
        valid: `[B, N]` bool.
        log_q: `[B, N]`, or `[B, 1]` where it is the same for all.
    """
    labels = torch.zeros(len(items), items.shape[1] + 1, device=items.device)
    labels[:, 0] = 1
    own = torch.zeros(len(items), 1, device=items.device)
    return Slate(
        user=batch.user,
        items=torch.cat([batch.item[:, None], items], 1),
        labels=labels,
        mask=torch.cat([torch.ones_like(own, dtype=torch.bool), valid], 1),
        weights=weighing.cells(batch, labels > 0),
        log_q=torch.cat([own, log_q.expand(items.shape)], 1),
        time=batch.time,
        context=batch.context,
    )


def alone(rows: TrainRows, mask: Tensor | None = None) -> Slate:
    """The slate `[B, 1]` of labelled rows, each with its own item and labels.

    Args:
        mask: `[B]` bool, which rows count; None for all.
    """
    labels = rows.label[:, None]
    return Slate(
        user=rows.user,
        items=rows.item[:, None],
        labels=labels,
        mask=torch.ones_like(labels, dtype=torch.bool) if mask is None else mask[:, None],
        weights=None if rows.weight is None else rows.weight[:, None],
        time=rows.time,
        context=rows.context,
        tasks={name: values[:, None] for name, values in rows.tasks.items()},
    )

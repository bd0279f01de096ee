"""Scoring held-out data with a model, block by block."""

from typing import Any

import torch

from recsys.model import Model
from recsys.ops import topk
from recsys.types import HoldoutRows, Predictions, Queries, Ranking, Slate

CELLS = 2**22
"""Numbers held at once while scoring: 16 MB of float32, which fits the caches of most machines."""


def block_of(model: Model[Any], n_items: int) -> int:
    """How many queries are scored over the whole catalogue at once."""
    return max(1, CELLS // (n_items * model.cell_width))


@torch.no_grad()
def rank_block(model: Model[Any], queries: Queries, catalogue: Any, n_items: int, k: int) -> Ranking:
    """The best k unseen items of each query.

    Args:
        catalogue: `model.encode_items` of all items.
    """
    items = torch.arange(n_items, device=queries.user.device)
    blank = torch.zeros(1, 1, device=items.device).expand(len(queries.user), n_items)
    slate = Slate(queries.user, items, labels=blank, mask=blank > 0, time=queries.time, context=queries.context)
    scores = model.interact(model.encode_users(slate), catalogue)
    return topk.rank(scores, queries.user, queries.relevant, queries.seen, k)


@torch.no_grad()
def predict(model: Model[Any], rows: HoldoutRows) -> Predictions:
    """The logit of each labelled row."""
    cell = rows.label[:, None]
    slate = Slate(
        rows.user,
        rows.item[:, None],
        labels=cell,
        mask=torch.ones_like(cell, dtype=torch.bool),
        time=rows.time,
        context=rows.context,
    )
    return Predictions(logit=model(slate).squeeze(1), label=rows.label, user=rows.user, item=rows.item)

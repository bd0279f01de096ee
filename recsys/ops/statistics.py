"""What is counted once in the training rows."""

import torch

from recsys.ops import csr
from recsys.ops.rows import select
from recsys.types import Counts, Graph, Schema, TrainRows


def count(rows: TrainRows, schema: Schema) -> Counts:
    """How often each user and item has a positive row; an item once for each row that it is in."""
    positive = rows.label > 0
    n_positive = int(positive.sum())
    return Counts(
        users=torch.bincount(rows.user[positive], minlength=schema.n_users),
        items=torch.bincount(rows.item[positive], minlength=schema.n_items),
        positives=n_positive,
        negatives=len(rows.label) - n_positive,
    )


def learnt(rows: TrainRows) -> TrainRows:
    """The rows that are learnt from: all but those of weight 0."""
    return rows if rows.weight is None else select(rows, (rows.weight > 0).nonzero().squeeze(1))


def link(rows: TrainRows, schema: Schema) -> Graph:
    """The distinct positive pairs, from both sides."""
    positive = rows.label > 0
    user, item = rows.user[positive], rows.item[positive]
    return Graph(
        user_items=csr.from_pairs(user, item, schema.n_users),
        item_users=csr.from_pairs(item, user, schema.n_items),
    )

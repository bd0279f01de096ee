"""Scoring held-out data with a model, block by block."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recsys.model import Model, MultiTask
from recsys.ops import csr
from recsys.ops.queries import cut
from recsys.train.moments import NONE, Moments
from recsys.types import Csr, HoldoutRows, Predictions, Queries, Slate

CELLS = 2**22
"""Numbers held at once while scoring: 16 MB of float32, which fits the caches of most machines."""

PAIRS = 2**18
"""Pairs whose features are looked up at once."""


@dataclass(frozen=True)
class Scored:
    """Scores of the candidates of some queries.

    Attributes:
        scores: `[Q, C]`, -inf where a column is no candidate.
        relevant: columns of the relevant candidates.
        candidates: `[Q]` int64, how many candidates each query has.
        names: `[Q, C]`, the items of the columns; None where columns are items.
    """

    scores: Tensor
    relevant: Csr
    candidates: Tensor
    names: Tensor | None = None


def block_of(model: Model[Any], n_items: int) -> int:
    """How many queries are scored over the whole catalogue at once."""
    return max(1, CELLS // (n_items * model.cell_width))


@torch.no_grad()
def score(model: Model[Any], queries: Queries, catalogue: Any, n_items: int, moments: Moments = NONE) -> Scored:
    """Score the candidates of each query.

    Args:
        catalogue: `model.encode_items` of all items; None where each pair has features of its own.
    """
    if queries.candidates is not None:
        return _score_few(model, queries, queries.candidates, moments)
    items = torch.arange(n_items, device=queries.user.device)
    if catalogue is None:
        scores = _score_pairs(model, queries, items, moments)
    else:
        known = moments.of_queries(queries)
        scores = model.interact(model.encode_users(_slate(known, items)), catalogue)
    scores[csr.rows_of(queries.seen), queries.seen.idx] = -torch.inf
    candidates = n_items - csr.lengths(queries.seen)
    if queries.barred is not None:
        scores[:, queries.barred] = -torch.inf
        candidates = (n_items - queries.barred.sum()).expand(len(queries.user))
    return Scored(scores, queries.relevant, candidates)


def _score_pairs(model: Model[Any], queries: Queries, items: Tensor, moments: Moments) -> Tensor:
    """Every query with every item, each pair with its features at the query's time, `[Q, I]`."""
    step = max(1, PAIRS // len(items))
    blocks = []
    for start in range(0, len(queries.user), step):
        block = cut(queries, start, start + step)
        names = items.expand(len(block.user), -1)
        blocks.append(model(moments.of_slate(_slate(block, names))))
    return torch.cat(blocks)


def _score_few(model: Model[Any], queries: Queries, candidates: Csr, moments: Moments) -> Scored:
    """Score each query's own list of candidates."""
    size = csr.lengths(candidates)
    row = csr.rows_of(candidates)
    place = torch.arange(len(row), device=row.device) - candidates.ptr[row]
    names = torch.zeros(len(size), int(size.max()), dtype=torch.int64, device=row.device)
    names[row, place] = candidates.idx
    scores = model(moments.of_slate(_slate(queries, names)))
    scores = scores.masked_fill(torch.arange(names.shape[1], device=row.device) >= size[:, None], -torch.inf)
    width = int(candidates.idx.max()) + 1
    wanted = csr.rows_of(queries.relevant) * width + queries.relevant.idx
    columns = torch.searchsorted(csr.keys(candidates, width), wanted)
    relevant = Csr(queries.relevant.ptr, columns - candidates.ptr[csr.rows_of(queries.relevant)])
    return Scored(scores, relevant, size, names)


def _slate(queries: Queries, items: Tensor) -> Slate:
    shape = (len(queries.user), items.shape[-1])
    blank, off = (torch.zeros(1, 1, dtype=t, device=items.device).expand(shape) for t in (None, torch.bool))
    return Slate(queries.user, items, labels=blank, mask=off, time=queries.time, context=queries.context)


@torch.no_grad()
def predict(model: Model[Any], rows: HoldoutRows, moments: Moments = NONE) -> dict[str, Predictions]:
    """The logits of labelled rows, under ""; of a model of several tasks those of its further classes too."""
    cell = rows.label[:, None]
    slate = Slate(
        rows.user,
        rows.item[:, None],
        labels=cell,
        mask=torch.ones_like(cell, dtype=torch.bool),
        time=rows.time,
        context=rows.context,
    )
    slate = moments.of_slate(slate)
    if not isinstance(model, MultiTask):
        return {"": Predictions(model(slate).squeeze(1), rows.label, rows.user, rows.item)}
    logits = model.outputs(slate).squeeze(1).unbind(-1)
    predicted = {"": Predictions(logits[0], rows.label, rows.user, rows.item)}
    for task, logit in zip(model.tasks[1:], logits[1:], strict=True):
        if not task.amount:
            label = rows.tasks[task.name]
            of = (~label.isnan()).nonzero().squeeze(1)
            predicted[task.name] = Predictions(logit[of], label[of], rows.user[of], rows.item[of])
    return predicted

"""From held-out rows to one ranking question a user."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr, HoldoutRows, Protocol, Queries, Rows, Schema

CELLS = 2**22
"""Random numbers held at once while candidates are sampled."""


def ask(
    holdout: HoldoutRows, before: Sequence[Rows], schema: Schema, protocol: Protocol, *, impressions: bool
) -> Queries:
    """One query for each user with a held-out positive among her candidates.

    Args:
        before: the rows that came earlier (train; for test also valid).
        protocol: says what is a candidate.
        impressions: whether a row says that the item was shown, or that it was taken up. Of impressions those
            with a positive label count as taken up, of other events all.
    """
    wanted, grade = _wanted(holdout, schema)
    seen, barred, shown = _limits(holdout, before, schema, protocol, impressions=impressions)
    fresh = ~csr.contains(seen, wanted)
    if barred is not None:
        fresh &= ~barred[wanted % schema.n_items]
    relevant = _csr(wanted[fresh], schema)
    users = csr.lengths(relevant).nonzero().squeeze(1)
    first = _first_rows(holdout.user, schema.n_users)[users]
    graded = grade[fresh]
    queries = Queries(
        user=users,
        relevant=csr.take(relevant, users),
        seen=csr.take(_csr(seen, schema), users),
        row=first,
        time=None if holdout.time is None else holdout.time[first],
        context={name: values[first] for name, values in holdout.context.items()},
        grade=None if bool((graded == 1).all()) else graded,
        candidates=None if shown is None else csr.take(_csr(shown, schema), users),
        barred=barred,
        notes=_notes(holdout, len(users), int((~fresh).sum()), protocol),
    )
    return queries if protocol.sampled is None else _sample(queries, schema, protocol.sampled, protocol.seed)


def _wanted(holdout: HoldoutRows, schema: Schema) -> tuple[Tensor, Tensor]:
    """Keys of the distinct held-out positives, ascending, and the highest label of each."""
    positive = holdout.label > 0
    pairs = holdout.user[positive] * schema.n_items + holdout.item[positive]
    wanted, place = torch.unique(pairs, return_inverse=True)
    return wanted, torch.zeros(len(wanted)).scatter_reduce_(0, place, holdout.label[positive], "amax")


def _limits(
    holdout: HoldoutRows, before: Sequence[Rows], schema: Schema, protocol: Protocol, *, impressions: bool
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """Keys of the seen pairs, the barred items, and keys of the shown pairs, as the protocol has them."""
    none = torch.zeros(0, dtype=torch.int64)
    if protocol.candidates == "unseen":
        return _keys(before, schema, positive_only=impressions), None, None
    if protocol.candidates == "new_items":
        known = torch.zeros(schema.n_items, dtype=torch.bool)
        known[torch.cat([rows.item for rows in before])] = True
        return none, known, None
    if protocol.candidates == "impressions":
        return none, None, _keys([holdout], schema, positive_only=False)
    return none, None, None


def _keys(parts: Sequence[Rows], schema: Schema, *, positive_only: bool) -> Tensor:
    """Distinct (user, item) pairs of the rows as ascending keys."""
    user = torch.cat([rows.user[rows.label > 0] if positive_only else rows.user for rows in parts])
    item = torch.cat([rows.item[rows.label > 0] if positive_only else rows.item for rows in parts])
    return torch.unique(user * schema.n_items + item)


def _csr(keys: Tensor, schema: Schema) -> Csr:
    return csr.from_pairs(keys // schema.n_items, keys % schema.n_items, schema.n_users)


def _first_rows(user: Tensor, n_users: int) -> Tensor:
    """The first row of each user, `[n_users]`; the number of rows where there is none."""
    first = torch.full((n_users,), len(user))
    return first.scatter_reduce_(0, user, torch.arange(len(user)), "amin")


def _notes(holdout: HoldoutRows, asked: int, left_out: int, protocol: Protocol) -> tuple[str, ...]:
    reasons = {
        "unseen": "because the user had taken up the item before",
        "new_items": "because training knows the item (eval.candidates=new_items)",
    }
    notes = []
    if left_out:
        notes.append(f"{left_out:,} positives left out, {reasons[protocol.candidates]}")
    without = int(torch.bincount(holdout.user).count_nonzero()) - asked
    if without:
        notes.append(f"{without:,} users have no positive among their candidates and are in no ranking metric")
    if protocol.sampled is not None:
        notes.append(
            f"ranked among {protocol.sampled:,} sampled candidates: values are higher than over all of them, "
            "and models can change places (Krichene and Rendle 2020); not for choosing a model"
        )
    return tuple(notes)


def _sample(queries: Queries, schema: Schema, number: int, seed: int) -> Queries:
    """The same queries with the relevant items and so many others, drawn without replacement, as candidates."""
    generator = torch.Generator().manual_seed(seed)
    blocks = []
    step = max(1, CELLS // schema.n_items)
    for start in range(0, len(queries.user), step):
        block = cut(queries, start, start + step)
        draw = torch.rand(len(block.user), schema.n_items, generator=generator)
        draw[~_open(block, schema.n_items)] = torch.inf
        draw[csr.rows_of(block.relevant), block.relevant.idx] = -1
        kept = csr.lengths(block.relevant)[:, None] + number
        best = draw.topk(min(int(kept.max()), schema.n_items), largest=False)
        chosen = (torch.arange(best.values.shape[1]) < kept) & (best.values < torch.inf)
        row, place = chosen.nonzero(as_tuple=True)
        blocks.append(((row + start) * schema.n_items + best.indices[row, place]).sort().values)
    pairs = torch.cat(blocks) if blocks else torch.zeros(0, dtype=torch.int64)
    candidates = csr.from_pairs(pairs // schema.n_items, pairs % schema.n_items, len(queries.user))
    return replace(queries, candidates=candidates)


def _open(block: Queries, n_items: int) -> Tensor:
    """Which items are candidates of each query, `[Q, I]`."""
    if block.candidates is not None:
        free = torch.zeros(len(block.user), n_items, dtype=torch.bool)
        free[csr.rows_of(block.candidates), block.candidates.idx] = True
        return free
    free = torch.ones(len(block.user), n_items, dtype=torch.bool)
    free[csr.rows_of(block.seen), block.seen.idx] = False
    return free if block.barred is None else free & ~block.barred


def cut(queries: Queries, start: int, stop: int) -> Queries:
    """The queries from `start` up to, not including, `stop`."""
    stop = min(stop, len(queries.user))
    first, last = int(queries.relevant.ptr[start]), int(queries.relevant.ptr[stop])
    candidates = queries.candidates
    return replace(
        queries,
        user=queries.user[start:stop],
        relevant=csr.part(queries.relevant, start, stop),
        seen=csr.part(queries.seen, start, stop),
        row=queries.row[start:stop],
        time=None if queries.time is None else queries.time[start:stop],
        context={name: values[start:stop] for name, values in queries.context.items()},
        grade=None if queries.grade is None else queries.grade[first:last],
        candidates=None if candidates is None else csr.part(candidates, start, stop),
    )

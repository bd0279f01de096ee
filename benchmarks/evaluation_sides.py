"""The framework's side of `evaluation.py`: the world, and evaluation as `recsys train` does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from recsys.metrics.ranking import RankingMetrics
from recsys.model import Model
from recsys.model.deepfm import DeepFM
from recsys.model.mf import MF
from recsys.ops import csr, queries
from recsys.train.evaluation import Pass
from recsys.train.evaluator import Evaluator
from recsys.train.measure import block_of
from recsys.types import (
    Counts,
    Csr,
    Encoded,
    Facts,
    Field,
    Graph,
    HoldoutRows,
    Protocol,
    Queries,
    Ranking,
    Schema,
    TrainRows,
)

ITEMS, DIM, SEEN, HELD = 50_000, 64, 50, 10
DEEP = (1_000, 10_000)
KS = (10, 100)
HERE = torch.device("cpu")


class Table(nn.Embedding):
    """An embedding that says how wide it is."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__(rows, width)
        self.width = width


@dataclass(frozen=True)
class Deep:
    """A model, and what is asked of it."""

    model: Model[Any]
    schema: Schema
    queries: Queries


@dataclass(frozen=True)
class World(Deep):
    """The same with its factors, `[U, D]` and `[I, D]`, and each user's seen and held-out items, `[U, …]`."""

    users: Tensor
    items: Tensor
    seen: Tensor
    held: Tensor


def schema_of(n_users: int, n_items: int, groups: int = 0) -> Schema:
    """Ids, and as many categories on each side as said."""
    fields = [
        Field("user_id", "user", "id", torch.arange(n_users), lambda dim: Table(n_users, dim)),
        Field("item_id", "item", "id", torch.arange(n_items), lambda dim: Table(n_items, dim)),
    ]
    for place in range(groups):
        for side, count in (("user", n_users), ("item", n_items)):
            of = torch.arange(count) % (10 + place)
            fields.append(Field(f"{side}_{place}", side, "category", of, lambda dim: Table(50, dim)))  # type: ignore[arg-type]
    return Schema(n_users, n_items, tuple(fields))


def spread(n_users: int, count: int, places: int, generator: torch.Generator) -> Tensor:
    """For each user so many distinct numbers below `places`, ascending, `[U, count]`."""
    first = torch.randint(places, (n_users, 1), generator=generator)
    return ((first + torch.arange(count) * (places // count - 1)) % places).sort(1).values


def lists_of(table: Tensor) -> Csr:
    """The rows of `[U, N]` as they are."""
    return Csr(torch.arange(len(table) + 1) * table.shape[1], table.reshape(-1))


def asking(held: Tensor, seen: Tensor) -> Queries:
    """One query a user."""
    everyone = torch.arange(len(held))
    return Queries(everyone, lists_of(held), lists_of(seen), row=everyone, time=None, context={})


def world(n_users: int) -> World:
    """Random factors; even items are seen, odd ones held out."""
    generator = torch.Generator().manual_seed(0)
    schema = schema_of(n_users, ITEMS)
    model = MF(schema, dim=DIM, bias=False).eval().requires_grad_(False)
    tables = [bank.encoders[0].weight for bank in (model.users, model.items)]
    for table in tables:
        table.normal_(generator=generator)
    seen = spread(n_users, SEEN, ITEMS // 2, generator) * 2
    held = spread(n_users, HELD, ITEMS // 2, generator) * 2 + 1
    return World(model, schema, asking(held, seen), *tables, seen, held)


def deep_world() -> Deep:
    """DeepFM over three fields a side."""
    torch.manual_seed(0)
    schema = schema_of(*DEEP, groups=2)
    generator = torch.Generator().manual_seed(0)
    seen, held = (spread(DEEP[0], count, DEEP[1] // 2, generator) * 2 for count in (SEEN, HELD))
    model = DeepFM(schema).eval().requires_grad_(False)
    return Deep(model, schema, asking(held + 1, seen))


def no_facts() -> Facts:
    """Ranking metrics look at the lists alone."""
    none = torch.zeros(0, dtype=torch.int64)
    empty = Csr(torch.zeros(1, dtype=torch.int64), none)
    return Facts(Counts(none, none, 0, 0), Graph(empty, empty))


def framework(given: Deep) -> Mapping[str, float]:
    """Full-catalogue evaluation with all ranking metrics at two depths, as `recsys train` does it."""
    none = torch.zeros(0, dtype=torch.int64)
    rows = HoldoutRows(none, none, none.float())
    encoded = Encoded(given.schema, TrainRows(none, none, none.float()), rows, rows)
    evaluator = Evaluator({"ranking": RankingMetrics(ks=KS)}, Protocol(bootstrap=0), encoded, no_facts(), {})
    size = block_of(given.model, given.schema.n_items)
    measuring = Pass(evaluator, "valid", given.model, HERE, details=False)
    for start in range(0, len(given.queries.user), size):
        measuring.see(queries.cut(given.queries, start, start + size))
    return measuring.conclude()["ranking"].values


def framework_lists(lists: Tensor, held: Tensor) -> Mapping[str, Tensor]:
    """All ranking metrics of ready lists `[U, K]` and relevant items `[U, R]`, as of other systems' lists."""
    width = 1 + int(torch.maximum(lists.max(), held.max()))
    rows = torch.arange(len(lists))
    hit = csr.contains((rows[:, None] * width + held).reshape(-1), rows[:, None] * width + lists)
    ones = torch.ones_like(lists)
    relevant = torch.full((len(lists),), held.shape[1])
    score = torch.zeros(1).expand(lists.shape)
    ranking = Ranking(rows, lists, ones, hit.long(), torch.zeros_like(lists), relevant, hit, score)
    return RankingMetrics(ks=KS).observe(ranking, no_facts()).per_user

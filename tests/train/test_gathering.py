"""Independent source: the same queries observed in one block."""

import pytest
import torch

from recsys.metrics.ranking import RankingMetrics
from recsys.metrics.whole_list import WholeList
from recsys.ops import csr
from recsys.ops.placing import place
from recsys.ops.topk import rank
from recsys.train.gathering import join
from recsys.types import Counts, Csr, Facts, Graph, Placement, Ranking

NONE = Csr(torch.zeros(1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
FACTS = Facts(Counts(torch.zeros(0), torch.zeros(0), 0, 0), Graph(NONE, NONE))


def relevant(n: int, columns: int) -> Csr:
    return csr.from_pairs(torch.arange(n).repeat(2), torch.arange(2 * n) % columns, n)


def block(n: int, columns: int, *, graded: bool) -> Ranking:
    scores = torch.randint(0, 6, (n, columns), generator=torch.Generator().manual_seed(n)).float()
    wanted = relevant(n, columns)
    grade = torch.arange(len(wanted.idx)) % 3 + 1.0 if graded else None
    return rank(scores, torch.arange(n) + 100 * columns, wanted, none(n), 5, grade)


def none(n: int) -> Csr:
    return Csr(torch.zeros(n + 1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))


@pytest.mark.parametrize("graded", [False, True])
def test_blocks_whose_lists_differ_in_length_are_as_if_alone(graded: bool) -> None:
    blocks = [block(4, 3, graded=graded), block(5, 9, graded=graded), block(2, 4, graded=graded)]
    metrics = RankingMetrics(ks=[2, 5])
    together = metrics.observe(join(blocks), FACTS)
    alone = [metrics.observe(one, FACTS) for one in blocks]
    assert together.user.tolist() == [user for one in alone for user in one.user.tolist()]
    for name, values in together.per_user.items():
        assert torch.equal(values, torch.cat([one.per_user[name] for one in alone])), name


def placed(n: int, columns: int) -> Placement:
    scores = torch.randint(0, 4, (n, columns), generator=torch.Generator().manual_seed(n)).float()
    return place(scores, torch.arange(n), relevant(n, columns), torch.full((n,), columns))


def test_placements_keep_their_queries_apart() -> None:
    blocks = [placed(3, 4), placed(2, 7)]
    together = WholeList().observe(join(blocks), FACTS)
    alone = [WholeList().observe(one, FACTS) for one in blocks]
    for name, values in together.per_user.items():
        assert torch.equal(values, torch.cat([one.per_user[name] for one in alone]))

"""Independent source: each block observed by itself."""

import pytest
import torch

from recsys.metrics.ranking import RankingMetrics
from recsys.ops import csr
from recsys.ops.topk import rank
from recsys.train.gathering import join
from recsys.types import Counts, Facts, Graph, Ranking

NOTHING = csr.from_pairs(torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), 1)
FACTS = Facts(Counts(torch.zeros(9), torch.zeros(9), 0, 0), Graph(NOTHING, NOTHING))


def ranked(width: int, user: int, *, graded: bool) -> Ranking:
    """One query with so many candidates, two of them relevant and two tied."""
    scores = torch.arange(width).float()[None].clamp_min(1)
    relevant = csr.from_pairs(torch.zeros(2, dtype=torch.int64), torch.tensor([0, width - 2]), 1)
    grade = torch.tensor([3.0, 1.0]) if graded else None
    return rank(scores, torch.tensor([user]), relevant, NOTHING, 9, grade)


@pytest.mark.parametrize("graded", [False, True])
def test_blocks_of_fewer_candidates_than_the_depth_join(graded: bool) -> None:
    family = RankingMetrics(ks=[2, 9])
    blocks = [ranked(width, user, graded=graded) for user, width in enumerate((4, 9, 3))]
    joined = family.observe(join(blocks), FACTS)
    assert joined.user.tolist() == [0, 1, 2]
    for name, values in joined.per_user.items():
        alone = [float(family.observe(block, FACTS).per_user[name]) for block in blocks]
        assert values.tolist() == pytest.approx(alone), name

"""Independent source: the moments of a uniform distribution."""

from dataclasses import replace

import torch

from recsys.model.random import Random
from recsys.types import Slate


def test_scores_are_uniform_and_do_not_hang_together(slate: Slate) -> None:
    user, items = torch.arange(400), torch.arange(500)
    blank = torch.zeros(400, 500)
    wide = replace(slate, user=user, items=items, labels=blank, mask=blank > 0, context={})
    scores, other = Random(seed=0)(wide).double(), Random(seed=1)(wide).double()
    error = 4 / len(scores.flatten()) ** 0.5
    assert abs(float(scores.mean()) - 0.5) < error
    assert abs(float(scores.var()) - 1 / 12) < error
    for one, two in ((scores, other), (scores[1:], scores[:-1]), (scores[:, 1:], scores[:, :-1])):
        assert abs(float(torch.corrcoef(torch.stack([one.flatten(), two.flatten()]))[0, 1])) < 2 * error
    assert torch.equal(scores, Random(seed=0)(wide).double())

"""Independent source: He et al. 2014, sec. 6.3, and scikit-learn's logistic regression on the kept rows."""

from collections.abc import Callable

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from recsys.calibration.undersampling import Undersampling


@pytest.mark.parametrize("kept", [1.0, 0.5, 0.1, 0.001])
def test_it_is_the_formula_of_the_paper(kept: float) -> None:
    calibrator = Undersampling()
    logit = torch.linspace(-10, 10, 41, dtype=torch.float64)
    p = logit.sigmoid()
    state = calibrator.fit(logit, logit, odds=1 / kept)
    assert torch.allclose(calibrator.apply(logit, state).sigmoid(), p / (p + (1 - p) / kept))


def test_a_model_of_a_tenth_of_the_negatives_is_brought_back_to_the_true_probabilities(
    simulate: Callable[..., tuple[Tensor, Tensor]],
) -> None:
    true, label = simulate(200_000, mean=-3.0, spread=1.0)
    kept = (label > 0) | (torch.rand(len(label), generator=torch.Generator().manual_seed(1)) < 0.1)
    model = LogisticRegression(C=1e6).fit(true[kept, None].numpy(), label[kept].numpy())
    learnt = torch.from_numpy(model.decision_function(true[:, None].numpy()))
    calibrator = Undersampling()
    after = calibrator.apply(learnt, calibrator.fit(learnt, label, odds=10.0))
    assert float((learnt.sigmoid() - true.sigmoid()).abs().mean()) > 0.2
    assert float((after.sigmoid() - true.sigmoid()).abs().mean()) < 0.002


def test_it_is_refused_where_sampling_leaves_the_odds_alone() -> None:
    assert [need.what for need in Undersampling.needs] == ["sampling.odds"]

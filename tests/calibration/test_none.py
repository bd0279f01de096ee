"""Independent source: the scores themselves."""

import torch

from recsys.calibration.none import NoCalibration


def test_nothing_changes() -> None:
    logit = torch.tensor([-100.0, 0.3, 7.0], dtype=torch.float64)
    assert NoCalibration().fit(logit, (logit > 0).double(), odds=10.0) == {}
    assert torch.equal(NoCalibration().apply(logit, {}), logit)

"""Every calibrator of conf/calibration, on simulated rows.

Independent source: the true probabilities that labels were drawn from, and expected calibration error over 15
bins of equal mass, written out.
"""

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from recsys.calibration import Calibrator
from recsys.types import CAPABILITIES, UserError

FOLDER = Path(__file__).parents[2] / "conf" / "calibration"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
KEPT = 0.1
DISTORTIONS = {
    "too sure": lambda logit: 2 * logit,
    "trained on a tenth of the negatives": lambda logit: logit - math.log(KEPT),
}

Simulate = Callable[..., tuple[Tensor, Tensor]]


@pytest.fixture(scope="module", params=FILES)
def calibrator(request: pytest.FixtureRequest) -> Calibrator:
    return instantiate(OmegaConf.load(FILES[request.param]))


def ece(logit: Tensor, label: Tensor) -> float:
    order = logit.argsort()
    bins = zip(logit.sigmoid()[order].chunk(15), label[order].chunk(15), strict=True)
    return sum(len(p) / len(order) * float((p.mean() - y.mean()).abs()) for p, y in bins)


def odds_under(distortion: str) -> float:
    return 1 / KEPT if "negatives" in distortion else 1.0


@pytest.mark.parametrize("distortion", DISTORTIONS)
def test_the_order_of_scores_is_never_reversed(
    calibrator: Calibrator, simulate: Simulate, distortion: str
) -> None:
    logit, label = simulate(2000)
    state = calibrator.fit(DISTORTIONS[distortion](logit), label, odds=odds_under(distortion))
    grid = torch.linspace(-100, 100, 4001, dtype=torch.float64)
    after = calibrator.apply(grid, state)
    assert bool((after.diff() >= 0).all())
    assert bool(after.isfinite().all())
    assert after.dtype == torch.float64


def test_scores_that_tell_the_wrong_way_are_not_reversed_either(
    calibrator: Calibrator, simulate: Simulate
) -> None:
    logit, label = simulate(2000)
    state = calibrator.fit(-logit, label, odds=1.0)
    after = calibrator.apply(torch.linspace(-5, 5, 101, dtype=torch.float64), state)
    assert bool((after.diff() >= 0).all())


def test_a_state_is_plain_data_that_a_checkpoint_can_carry(calibrator: Calibrator, simulate: Simulate) -> None:
    logit, label = simulate(500)
    state = calibrator.fit(logit, label, odds=2.0)
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert loaded == state
    assert all(plain(value) for value in state.values())
    assert torch.equal(calibrator.apply(logit, loaded), calibrator.apply(logit, state))


def plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(plain(inner) for inner in value)
    return type(value) in (float, int, str, bool)


def test_calibrated_scores_stay_as_they_are(calibrator: Calibrator, simulate: Simulate) -> None:
    logit, label = simulate()
    state = calibrator.fit(logit, label, odds=1.0)
    fresh, _ = simulate(seed=1)
    assert float((calibrator.apply(fresh, state).sigmoid() - fresh.sigmoid()).abs().mean()) < 0.02


def test_distorted_scores_get_better_on_rows_that_were_not_seen(
    calibrator: Calibrator, simulate: Simulate, request: pytest.FixtureRequest
) -> None:
    valid, test = simulate(), simulate(seed=1)
    errors = {}
    for name, distort in DISTORTIONS.items():
        state = calibrator.fit(distort(valid[0]), valid[1], odds=odds_under(name))
        before, after = distort(test[0]), calibrator.apply(distort(test[0]), state)
        loss = binary_cross_entropy_with_logits(after, test[1])
        assert float(loss) < float(binary_cross_entropy_with_logits(before, test[1])) + 1e-3
        errors[name] = (ece(before, test[1]), ece(after, test[1]))
    assert all(before > 0.05 for before, _ in errors.values())
    if calibrator.apply(before, state) is not before:
        assert min(after for _, after in errors.values()) < 0.015


def test_the_order_of_rows_does_not_matter(calibrator: Calibrator, simulate: Simulate) -> None:
    logit, label = simulate(1000)
    shuffled = torch.randperm(1000, generator=torch.Generator().manual_seed(0))
    grid = torch.linspace(-8, 8, 101, dtype=torch.float64)
    one = calibrator.apply(grid, calibrator.fit(logit, label, odds=1.0))
    other = calibrator.apply(grid, calibrator.fit(logit[shuffled], label[shuffled], odds=1.0))
    assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_rows_of_one_label_are_refused_where_both_are_needed(calibrator: Calibrator, label: float) -> None:
    needed = {need.what for need in calibrator.needs}
    assert needed <= CAPABILITIES.keys()
    logit = torch.linspace(-2, 2, 10, dtype=torch.float64)
    if "label.negatives" not in needed:
        state = calibrator.fit(logit, torch.full_like(logit, label), odds=1.0)
        assert torch.equal(calibrator.apply(logit, state), logit)
        return
    with pytest.raises(UserError, match=rf"^calibration: all 10 rows are labelled {int(label)} .*split.valid"):
        calibrator.fit(logit, torch.full_like(logit, label), odds=1.0)
    with pytest.raises(UserError, match=r"^calibration: there are no rows"):
        calibrator.fit(logit[:0], logit[:0], odds=1.0)
    with pytest.raises(UserError, match=r"^calibration: a score is no finite number"):
        calibrator.fit(logit * math.nan, (logit > 0).double(), odds=1.0)


rows = st.lists(
    st.tuples(st.sampled_from([-100.0, -3.0, -1e-9, 0.0, 0.5, 40.0, 100.0]), st.sampled_from([0.0, 1.0])),
    max_size=30,
)


@given(rows=rows, one=st.sampled_from([-100.0, 0.5, 100.0]))
@settings(max_examples=60, deadline=None)
def test_few_extreme_or_equal_scores_give_a_finite_monotone_map(
    calibrator: Calibrator, rows: list[tuple[float, float]], one: float
) -> None:
    logit, label = torch.tensor([*rows, (one, 0.0), (one, 1.0)], dtype=torch.float64).unbind(1)
    state = calibrator.fit(logit, label, odds=10.0)
    after = calibrator.apply(torch.tensor([-100.0, -1.0, 0.0, 1.0, 100.0], dtype=torch.float64), state)
    assert bool(after.isfinite().all())
    assert bool((after.diff() >= 0).all())


@pytest.mark.parametrize("sure", [1.0, 100.0])
def test_scores_that_part_the_labels_do_not_become_infinite(calibrator: Calibrator, sure: float) -> None:
    logit = sure * torch.tensor([-1.0, -0.9, -0.8, 0.8, 0.9, 1.0], dtype=torch.float64)
    state = calibrator.fit(logit, (logit > 0).double(), odds=1.0)
    after = calibrator.apply(logit, state)
    assert float(after.abs().max()) <= max(sure, 5.0)
    assert bool(after[2] < after[3])

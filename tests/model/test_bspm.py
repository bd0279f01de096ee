"""Independent source: the differential equations of Choi et al. 2023, step by step in dense numpy, float64."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from recsys.model.bspm import BSPM
from recsys.model.gf_cf import GFCF
from recsys.ops import statistics
from recsys.types import Schema, Slate, TrainRows

USERS, ITEMS, RANK = 60, 45, 4
SCHEMA = Schema(USERS, ITEMS, ())
Step = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


@pytest.fixture
def taken() -> np.ndarray:
    """Users and items of different degrees, so that singular values are apart."""
    generator = torch.Generator().manual_seed(3)
    bent = torch.rand(USERS, 1, generator=generator) * torch.rand(1, ITEMS, generator=generator) + 0.05
    return (torch.rand(USERS, ITEMS, generator=generator) < bent).double().numpy()


@pytest.fixture
def rows(taken: np.ndarray) -> TrainRows:
    user, item = torch.from_numpy(taken).nonzero(as_tuple=True)
    return TrainRows(user, item, torch.ones(len(user)))


@pytest.fixture
def everyone() -> Slate:
    labels = torch.zeros(USERS, ITEMS)
    return Slate(torch.arange(USERS), torch.arange(ITEMS).expand(USERS, -1), labels, labels == 0)


def filters(taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The linear and the ideal low-pass filter, `[I, I]`."""
    of_users, of_items = taken.sum(1), taken.sum(0)
    normalised = taken / np.sqrt(np.outer(of_users, of_items))
    linear = normalised.T @ normalised
    values, vectors = np.linalg.eigh(linear)
    kept = vectors[:, np.argsort(-values)[:RANK]]
    return linear, np.diag(of_items**-0.5) @ kept @ kept.T @ np.diag(of_items**0.5)


def euler(y: np.ndarray, linear: np.ndarray, time: float) -> np.ndarray:
    return y - time * y @ linear


def runge_kutta(y: np.ndarray, linear: np.ndarray, time: float) -> np.ndarray:
    """The classical method of order 4, one step."""
    first = -y @ linear
    second = -(y + time / 2 * first) @ linear
    third = -(y + time / 2 * second) @ linear
    fourth = -(y + time * third) @ linear
    return y + time / 6 * (first + 2 * second + 2 * third + fourth)


def scores(rows: TrainRows, slate: Slate, **arguments: float) -> torch.Tensor:
    model = BSPM(SCHEMA, statistics.link(rows, SCHEMA), rank=RANK, **arguments)  # type: ignore[arg-type]
    model.fit(rows)
    return model(slate)


@pytest.mark.parametrize(("order", "step"), [(1, euler), (4, runge_kutta)])
@pytest.mark.parametrize("time", [0.5, 2.5])
def test_scores_are_blurred_by_two_equations_and_sharpened_by_one(
    taken: np.ndarray, rows: TrainRows, everyone: Slate, order: int, step: Step, time: float
) -> None:
    linear, low_pass = filters(taken)
    blurred = euler(taken, np.eye(ITEMS) - linear, 1) + 0.3 * euler(taken, np.eye(ITEMS) - low_pass, 1)
    expected = step(blurred, linear, time)
    assert np.allclose(scores(rows, everyone, beta=0.3, time=time, order=order), expected, atol=1e-4)


def test_without_sharpening_it_is_gf_cf(rows: TrainRows, everyone: Slate) -> None:
    model = GFCF(SCHEMA, statistics.link(rows, SCHEMA), rank=RANK, alpha=0.3)
    model.fit(rows)
    assert torch.allclose(scores(rows, everyone, beta=0.3, time=0.0), model(everyone), atol=1e-6)


def test_many_orders_invert_a_blurring_of_the_same_time(
    taken: np.ndarray, rows: TrainRows, everyone: Slate
) -> None:
    linear, _ = filters(taken)
    values, vectors = np.linalg.eigh(linear)
    blur_more = vectors @ np.diag(np.exp(1.5 * values)) @ vectors.T
    sharpened = scores(rows, everyone, beta=0.0, time=1.5, order=20).double().numpy()
    assert np.allclose(sharpened @ blur_more, taken @ linear, atol=1e-3)

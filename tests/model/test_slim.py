"""Independent source: the conditions of Karush, Kuhn and Tucker for Ning and Karypis 2011, eq. 3."""

import pytest
import torch

from recsys.model.slim import SLIM
from recsys.ops import slim, statistics
from recsys.types import Schema, TrainRows, UserError


@pytest.mark.parametrize(("l1", "l2"), [(0.3, 0.5), (1.0, 0.1), (0.0, 1.0)])
def test_no_small_change_of_any_weight_lowers_the_objective(schema: Schema, l1: float, l2: float) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(schema.n_users, schema.n_items, generator=generator) < 0.5
    user, item = x.nonzero(as_tuple=True)
    rows = TrainRows(user, item, torch.ones(len(user)))
    model = SLIM(schema, statistics.link(rows, schema), l1=l1, l2=l2, rho=1.0, iterations=5000, tolerance=1e-9)
    model.fit(rows)
    weights, taken = model.linear.weights.double(), x.double()
    gradient = taken.T @ (taken @ weights - taken) + l2 * weights + l1
    free = ~torch.eye(schema.n_items, dtype=torch.bool)
    assert bool((weights >= 0).all())
    assert not weights.diagonal().any()
    assert bool((gradient[free] > -1e-5).all())
    assert float((gradient * weights)[free].abs().max()) < 1e-5
    assert 0 < int((weights > 0).sum()) < int(free.sum())


def taken_by(n_users: int, n_items: int) -> torch.Tensor:
    """0/1 rows of users; items differ in how many take them up."""
    generator = torch.Generator().manual_seed(0)
    share = torch.rand(n_items, generator=generator) * 0.3
    return torch.rand(n_users, n_items, generator=generator) < share


def by_coordinates(x: torch.Tensor, l1: float, l2: float) -> torch.Tensor:
    """The optimum by coordinate descent, Friedman, Hastie and Tibshirani 2010, a row of weights at a time."""
    shared = x.T @ x
    weights, size = torch.zeros_like(shared), shared.diagonal()
    for _ in range(400):
        for i in range(len(shared)):
            pull = shared[i] - shared[i] @ weights + size[i] * weights[i] - l1
            weights[i] = (pull / (size[i] + l2)).clamp_min(0)
            weights[i, i] = 0
    return weights


@pytest.mark.parametrize("rho", [0.01, 1.0, 1000.0, 1e6])
@pytest.mark.parametrize(("l1", "l2"), [(1.0, 1.0), (5.0, 100.0), (1.0, 0.0)])
def test_where_the_solver_starts_does_not_change_the_weights(rho: float, l1: float, l2: float) -> None:
    x = taken_by(300, 60).double()
    x[:, 7] = 0
    found, left = slim.solve(x.T @ x, l1, l2, rho, 200, 1e-4)
    assert left <= 1e-4
    assert float((found - by_coordinates(x, l1, l2)).abs().max()) < 1e-3


def test_too_few_iterations_are_noted() -> None:
    user, item = taken_by(300, 60).nonzero(as_tuple=True)
    rows, schema = TrainRows(user, item, torch.ones(len(user))), Schema(300, 60, ())
    notes = []
    for iterations in (3, 200):
        model = SLIM(schema, statistics.link(rows, schema), l1=1.0, l2=1.0, iterations=iterations)
        model.fit(rows)
        notes.append(model.notes)
    assert notes[1] == ()
    (note,) = notes[0]
    assert note.startswith("model.iterations=3: ")


def test_an_l2_below_the_precision_is_refused_by_its_key() -> None:
    rows, schema = TrainRows(torch.arange(9) % 3, torch.arange(9) // 3, torch.ones(9)), Schema(3, 3, ())
    model = SLIM(schema, statistics.link(rows, schema), l2=0.0, rho=1e-18)
    with pytest.raises(UserError, match=r"model.l2=0: .* make it larger"):
        model.fit(rows)

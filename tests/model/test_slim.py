"""Independent source: the conditions of Karush, Kuhn and Tucker for Ning and Karypis 2011, eq. 3."""

import pytest
import torch

from recsys.model.slim import SLIM
from recsys.ops import statistics
from recsys.types import Schema, TrainRows


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

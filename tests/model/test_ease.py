"""Independent source: each column as a ridge regression on the other items (Steck 2019, eq. 2-3), in numpy."""

from typing import Literal

import numpy as np
import pytest
import torch

from recsys.model.ease import EASE
from recsys.ops import statistics
from recsys.types import Schema, TrainRows, UserError


def test_each_column_is_the_ridge_regression_of_the_item_on_all_others(schema: Schema) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(schema.n_users, schema.n_items, generator=generator) < 0.4
    user, item = x.nonzero(as_tuple=True)
    rows = TrainRows(user, item, torch.ones(len(user)))
    for precision in ("double", "single"):
        model = EASE(schema, statistics.link(rows, schema), regularisation=1.5, precision=precision)
        model.fit(rows)
        taken = x.double().numpy()
        for j in range(schema.n_items):
            others = [i for i in range(schema.n_items) if i != j]
            a = taken[:, others]
            weights = np.linalg.solve(a.T @ a + 1.5 * np.eye(len(others)), a.T @ taken[:, j])
            assert np.allclose(model.linear.weights[others, j], weights, atol=1e-5)
            assert model.linear.weights[j, j] == 0
        users = torch.arange(schema.n_users)
        expected = taken @ model.linear.weights.double().numpy()
        assert np.allclose(model.linear(users), expected, atol=1e-5)


@pytest.mark.parametrize(("precision", "regularisation"), [("single", 1e-9), ("double", 1e-18)])
def test_a_regularisation_below_the_precision_is_refused_by_its_key(
    precision: Literal["double", "single"], regularisation: float
) -> None:
    """Two items of the same users make the Gram matrix singular."""
    rows = TrainRows(torch.arange(9) % 3, torch.arange(9) // 3, torch.ones(9))
    schema = Schema(3, 3, ())
    graph = statistics.link(rows, schema)
    model = EASE(schema, graph, regularisation=regularisation, precision=precision)
    with pytest.raises(UserError, match=f"model.regularisation={regularisation:g}: .* make it larger"):
        model.fit(rows)

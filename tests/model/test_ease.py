"""Independent source: each column as a ridge regression on the other items (Steck 2019, eq. 2-3), in numpy."""

import numpy as np
import torch

from recsys.model.ease import EASE
from recsys.ops import statistics
from recsys.types import Schema, TrainRows


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

"""Independent source: Hu, Koren and Volinsky 2008, eq. 4-5, solved for one entity after the other in numpy."""

from typing import Literal

import numpy as np
import pytest
import torch

from recsys.model.ials import IALS
from recsys.ops import least_squares, statistics
from recsys.types import Schema, TrainRows, UserError


def world(schema: Schema) -> tuple[torch.Tensor, TrainRows]:
    x = torch.rand(schema.n_users, schema.n_items, generator=torch.Generator().manual_seed(3)) < 0.4
    x[2] = False
    user, item = x.nonzero(as_tuple=True)
    return x, TrainRows(user, item, torch.ones(len(user)))


def solved(taken: np.ndarray, y: np.ndarray, alpha: float, lam: float, nu: float) -> np.ndarray:
    """The users' vectors for given items' vectors, with the diagonal matrix of confidences written out."""
    out = []
    for row in taken:
        confidence = np.diag(1 + alpha * row)
        ridge = lam * np.trace(confidence) ** nu * np.eye(y.shape[1])
        out.append(np.linalg.solve(y.T @ confidence @ y + ridge, y.T @ confidence @ row))
    return np.array(out)


@pytest.mark.parametrize("solver", ["cholesky", "cg"])
@pytest.mark.parametrize("nu", [0.0, 0.5, 1.0])
def test_two_sweeps_are_the_normal_equations(
    schema: Schema, solver: Literal["cholesky", "cg"], nu: float
) -> None:
    x, rows = world(schema)
    graph = statistics.link(rows, schema)
    torch.manual_seed(0)
    model = IALS(
        schema, graph, dim=4, alpha=3.0, regularisation=0.2, frequency=nu, iterations=2, solver=solver, steps=12
    )
    model.fit(rows)
    torch.manual_seed(0)
    torch.zeros(schema.n_users, 4).normal_()
    items = torch.zeros(schema.n_items, 4).normal_(0, 0.05).double().numpy()
    items[~x.any(0).numpy()] = 0
    taken = x.double().numpy()
    for _ in range(2):
        users = solved(taken, items, 3.0, 0.2, nu)
        items = solved(taken.T, users, 3.0, 0.2, nu)
    assert np.allclose(model.users, users, atol=1e-4)
    assert np.allclose(model.items, items, atol=1e-4)


def test_every_list_is_in_one_block_and_no_block_is_too_large() -> None:
    from recsys.ops import csr

    generator = torch.Generator().manual_seed(0)
    rows = (torch.rand(600, generator=generator) ** 3 * 50).long()
    cols = torch.randint(0, 30, (600,), generator=generator)
    lists = csr.from_pairs(rows, cols, 60)
    found: dict[int, list[int]] = {}
    for own, table in least_squares.padded(lists, 30, cells=64):
        assert table.numel() <= 64
        for row, columns in zip(own.tolist(), table.tolist(), strict=True):
            assert row not in found
            found[row] = [c for c in columns if c < 30]
    expected = {r: lists.idx[lists.ptr[r] : lists.ptr[r + 1]].tolist() for r in range(60)}
    assert found == {r: columns for r, columns in expected.items() if columns}


def test_few_steps_are_those_of_the_paper_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Independent source: Takács et al. 2011, algorithm 1, one entity after the other."""
    from recsys.ops import csr

    generator = torch.Generator().manual_seed(1)
    taken = torch.rand(11, 8, generator=generator) < 0.4
    taken[4] = False
    lists = csr.from_pairs(*taken.nonzero(as_tuple=True), 11)
    y, start = torch.rand(8, 3, generator=generator), torch.rand(11, 3, generator=generator)
    start[4] = 0
    ridge = 0.1 + torch.rand(11, generator=generator)
    expected = []
    for row, own, x in zip(taken.double().numpy(), ridge.double().numpy(), start.double().numpy(), strict=True):
        items = y.double().numpy()
        normal = items.T @ np.diag(1 + 2.0 * row) @ items + own * np.eye(3)
        residual = direction = items.T @ (3.0 * row) - normal @ x
        for _ in range(2):
            if not residual.any():
                break
            length = residual @ residual / (direction @ normal @ direction)
            x, after = x + length * direction, residual - length * normal @ direction
            direction = after + after @ after / (residual @ residual) * direction
            residual = after
        expected.append(x)
    before = torch.get_num_threads()
    for rows, threads in (1, 3), (4, 2), (100, 1):
        monkeypatch.setattr(least_squares, "ROWS", rows)
        torch.set_num_threads(threads)
        x = start.clone()
        least_squares.conjugate_gradient(lists, 8, 2)(x, y, 2.0, ridge)
        assert np.allclose(x, np.array(expected), atol=1e-5)
    torch.set_num_threads(before)


def test_systems_without_a_ridge_that_have_no_one_solution_are_refused_by_its_key(schema: Schema) -> None:
    _, rows = world(schema)
    model = IALS(schema, statistics.link(rows, schema), dim=64, regularisation=0.0, solver="cholesky")
    with pytest.raises(UserError, match=r"model.regularisation=0: .* make it larger"):
        model.fit(rows)

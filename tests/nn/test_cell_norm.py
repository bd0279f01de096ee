"""Independent source: Ioffe and Szegedy 2015, algorithm 1 and 2, unit by unit."""

import copy

import torch

from recsys.nn.cell_norm import CellNorm
from recsys.nn.mlp import MLP


def normalised(vectors: torch.Tensor) -> torch.Tensor:
    """Algorithm 1 with gamma 1 and beta 0, of `[N, width]`."""
    mean = vectors.mean(0)
    return (vectors - mean) / ((vectors - mean).square().mean(0) + 1e-5).sqrt()


def test_all_cells_of_a_step_are_normalised_together_and_the_running_means_serve_afterwards() -> None:
    vectors = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0)) * 3 + 5
    norm = CellNorm(2)
    torch.testing.assert_close(norm(vectors), normalised(vectors.view(12, 2)).view(3, 4, 2))
    mean, variance = 0.1 * vectors.view(12, 2).mean(0), 0.9 + 0.1 * vectors.view(12, 2).var(0)
    after = norm.eval()(vectors[0, :1])
    torch.testing.assert_close(after, (vectors[0, :1] - mean) / (variance + 1e-5).sqrt())


def test_a_step_of_one_vector_takes_the_running_means_and_leaves_them() -> None:
    norm = CellNorm(2)
    norm(torch.randn(8, 2, generator=torch.Generator().manual_seed(0)))
    before = copy.deepcopy(norm.state_dict())
    one = torch.ones(1, 1, 2)
    seen = norm(one)
    assert all(torch.equal(before[name], value) for name, value in norm.state_dict().items())
    torch.testing.assert_close(seen, norm.eval()(one))


def test_a_step_of_no_vector_gives_none() -> None:
    assert CellNorm(2)(torch.zeros(0, 3, 2)).shape == (0, 3, 2)


def test_a_hidden_layer_is_linear_then_normalised_then_rectified() -> None:
    torch.manual_seed(0)
    mlp = MLP(3, (4,), out=2, batch_norm=True)
    vectors = torch.randn(6, 3)
    first, last = mlp.layers[0], mlp.layers[-1]
    expected = last(normalised(first(vectors)).clamp_min(0))
    torch.testing.assert_close(mlp(vectors), expected)

"""DHE against hashes worked out in Python's integers and layers applied one value at a time."""

from hashlib import blake2b

import polars as pl
import pytest
import torch
from torch import Tensor, nn

from recsys.encoders import deep_hash
from recsys.encoders.deep_hash import DeepHash

VALUES = pl.Series("c", ["a", "b", None, "a", "never seen"])


def signed(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def hashed(code: int, k: int) -> list[float]:
    """The mixing of recsys.ops.hashing on unbounded integers wrapped to 64 bits."""
    first, second, found = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, []
    for function in range(k):
        mixed = signed((code + 1) * first) ^ signed((function + 1) * second)
        for shift, factor in ((29, first), (32, second), (30, 1)):
            mixed = signed((mixed ^ (mixed >> shift)) * factor)
        found.append(mixed % 2**62 % 10**6 / (10**6 - 1) * 2 - 1)
    return found


def module(**arguments: object) -> nn.Module:
    torch.manual_seed(0)
    return DeepHash(hashes=8, hidden=(6, 5), **arguments).module({}, 4)  # type: ignore[arg-type]


def test_an_entity_keeps_one_number_and_a_missing_value_its_own() -> None:
    encoder = DeepHash()
    encoded = encoder.encode(VALUES, encoder.fit(VALUES))
    digests = [v and blake2b(v.encode(), digest_size=8).digest() for v in VALUES.to_list()]
    assert encoded.tolist() == [-1 if d is None else int.from_bytes(d, "little") // 2 for d in digests]


def test_hashes_are_those_of_unbounded_integers_scaled_to_minus_one_and_one() -> None:
    codes = DeepHash().encode(VALUES, {})
    wanted = torch.tensor([hashed(code, 8) for code in codes.tolist()])
    got = module().hashed(codes)
    assert got.dtype == torch.float32
    assert torch.allclose(got, wanted, atol=1e-6)


def test_hashes_are_spread_evenly_and_independent_of_each_other() -> None:
    hashes = module().hashed(DeepHash().encode(pl.Series(range(20_000)), {}))
    assert torch.allclose(hashes.mean(0), torch.zeros(8), atol=0.02)
    assert torch.allclose(torch.cov(hashes.T), torch.eye(8) / 3, atol=0.02)


def test_a_vector_is_the_layers_applied_to_the_values_own_hashes() -> None:
    made = module().eval()
    codes = DeepHash().encode(VALUES, {})
    vectors = made(codes.view(5, 1).expand(5, 3))
    assert vectors.shape == (5, 3, 4)
    for code, row in zip(codes.tolist(), vectors, strict=True):
        x = torch.tensor([hashed(code, 8)])
        for linear, norm in ((made.layers[0], made.layers[1]), (made.layers[3], made.layers[4])):
            z = x @ linear.weight.T
            z = (z - norm.running_mean) / (norm.running_var + 1e-5).sqrt() * norm.weight + norm.bias
            x = z * torch.tanh(torch.log1p(z.exp()))
        expected = x @ made.layers[6].weight.T + made.layers[6].bias
        assert torch.allclose(row, expected.expand(3, 4), atol=1e-5)


def test_training_normalises_over_the_distinct_values_of_the_batch() -> None:
    made, codes = module(), DeepHash().encode(VALUES, {})
    seen: list[Tensor] = []
    made.layers[1].register_forward_hook(lambda _, __, out: seen.append(out))
    made(codes)
    assert seen[0].shape == (4, 6)
    assert torch.allclose(seen[0].mean(0), torch.zeros(6), atol=1e-5)
    assert torch.allclose(seen[0].var(0, correction=0), torch.ones(6), atol=1e-2)


@pytest.mark.parametrize("values", [["a"], ["a", "a"], []])
def test_a_batch_of_one_value_or_none_can_be_trained_on(values: list[str]) -> None:
    vectors = module()(DeepHash().encode(pl.Series("c", values, dtype=pl.String), {}))
    assert vectors.shape == (len(values), 4)
    assert bool(vectors.isfinite().all())


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, codes = module().eval(), DeepHash().encode(pl.Series(range(50)), {})
    whole = made(codes)
    monkeypatch.setattr(deep_hash, "BLOCK", 7)
    assert torch.allclose(made(codes), whole, atol=1e-6)


def test_parameters_do_not_grow_with_the_number_of_values() -> None:
    count = sum(p.numel() for p in module().parameters())
    assert count == (8 * 6 + 2 * 6) + (6 * 5 + 2 * 5) + (5 * 4 + 4)


def test_a_value_that_is_read_often_gets_its_whole_gradient_in_bf16() -> None:
    module = DeepHash(hashes=4, hidden=(2,)).module({}, 3)
    with torch.autocast("cpu", torch.bfloat16):
        module(torch.zeros(4096, dtype=torch.int64)).sum().backward()
    last = list(module.parameters())[-1]
    assert last.grad is not None
    assert last.grad.tolist() == [4096, 4096, 4096]

"""Independent source: Python's own count of bits, and sets of users far beyond one word."""

import random

import torch

from recsys.ops import csr, similarity
from recsys.types import Graph


def test_set_bits_are_counted_as_python_does() -> None:
    draw = random.Random(0)
    words = [0, 1, -1, 2**63 - 1, -(2**63), *(draw.getrandbits(64) - 2**63 for _ in range(500))]
    counted = similarity._count(torch.tensor(words))
    assert counted.tolist() == [(word & (2**64 - 1)).bit_count() for word in words]


def test_cosines_of_large_audiences_are_those_of_sets() -> None:
    draw = random.Random(1)
    n_users, n_items = 1000, 12
    audience = [set(draw.sample(range(n_users), draw.choice([0, 1, 64, 300, 1000]))) for _ in range(n_items)]
    pairs = torch.tensor([(user, item) for item, users in enumerate(audience) for user in users])
    graph = Graph(
        csr.from_pairs(pairs[:, 0], pairs[:, 1], n_users), csr.from_pairs(pairs[:, 1], pairs[:, 0], n_items)
    )
    items = torch.combinations(torch.arange(n_items))
    got = similarity.audience_sums(items, torch.ones_like(items, dtype=torch.bool), graph, [2]).squeeze(1)
    sets = [(audience[i], audience[j]) for i, j in items.tolist()]
    expected = [len(a & b) / (len(a) * len(b)) ** 0.5 if a and b else 0.0 for a, b in sets]
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float64))

"""Independent source: the definition (each column's shares add up to the mass), and a chi-square test."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recsys.ops import alias

masses = st.lists(st.floats(0, 1e6, allow_subnormal=False) | st.just(0.0), min_size=1, max_size=30).filter(
    lambda mass: sum(mass) > 1e-6
)


@given(mass=masses)
@settings(max_examples=200, deadline=None)
def test_shares_of_the_columns_add_up_to_the_mass(mass: list[float]) -> None:
    given_mass = torch.tensor(mass, dtype=torch.float64)
    share, pair = alias.tables(given_mass)
    own = share.double() / alias.STEPS
    assert bool(((own >= 0) & (own <= 1)).all())
    total = torch.zeros_like(given_mass)
    total.index_add_(0, pair[:, 1], own).index_add_(0, pair[:, 0], 1 - own)
    assert torch.allclose(total / len(share), given_mass / given_mass.sum(), atol=1e-8)
    assert bool((given_mass[pair] > 0).all())


@pytest.mark.parametrize("mass", [[1.0], [3.0, 1.0], [0.0, 5.0, 0.0, 1.0, 0.5, 20.0, 0.1]])
def test_entries_come_in_proportion_to_their_mass(mass: list[float]) -> None:
    share, pair = alias.tables(torch.tensor(mass))
    drawn = alias.draw(50_000, share, pair, torch.Generator().manual_seed(0))
    found = torch.bincount(drawn, minlength=len(mass))
    there = torch.tensor(mass) > 0
    assert not found[~there].any()
    wanted = torch.tensor(mass)[there] / sum(mass) * 50_000
    if len(wanted) > 1:
        assert chisquare(found[there].numpy(), wanted.numpy(), sum_check=False).pvalue > 1e-3

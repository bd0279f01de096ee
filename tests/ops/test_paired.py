"""Paired tests against scipy, Holm by hand, and simulated models without a difference."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor

from recsys.ops.paired import (
    TESTS,
    detectable,
    holm,
    moved_by_seeds,
    p_values,
    paired_bootstrap,
    paired_t,
    wilcoxon,
)

DRAWS = 1000


def p_of(name: str, difference: Tensor) -> float:
    return p_values([difference], name)[0]


def differences(n: int, shift: float = 0.0, seed: int = 0) -> Tensor:
    """Of two models measured on the same users, whose values hang together."""
    rng = np.random.default_rng(seed)
    ease = rng.beta(0.5, 2.0, n)
    return torch.from_numpy(ease * (rng.random(n) - rng.random(n)) + shift)


def test_the_t_test_is_scipys() -> None:
    values = differences(40, shift=0.02)
    assert paired_t(values) == pytest.approx(stats.ttest_rel(values + 1, torch.ones(40)).pvalue)


@pytest.mark.parametrize("n", [8, 40, 200])
def test_the_signed_rank_test_is_scipys(n: int) -> None:
    values = differences(n, shift=0.02)
    assert wilcoxon(values) == pytest.approx(stats.wilcoxon(values + 1, torch.ones(n)).pvalue, abs=1e-9)


def test_the_signed_rank_test_counts_signs_by_hand() -> None:
    # Of the 2^5 signs of ranks 1..5, a rank sum of at most 1 comes twice (no positive, only rank 1).
    assert wilcoxon(torch.tensor([-1.0, 2.0, 3.0, 4.0, 5.0, 0.0])) == pytest.approx(2 * 2 / 32)


def test_the_bootstrap_test_comes_near_the_t_test_on_many_users() -> None:
    for shift in (0.0, 0.005, 0.01):
        values = differences(2000, shift=shift)
        assert paired_bootstrap(values, samples=4000) == pytest.approx(paired_t(values), abs=0.03)


def test_the_bootstrap_test_counts_all_samples_of_three_users() -> None:
    # The share over all 27 equally likely samples, each counted by hand-written arithmetic.
    values = np.array([0.5, 0.2, -0.1])
    shifted = values - values.mean()
    t = abs(values.mean()) / values.std()
    samples = [shifted[list(places)] for places in itertools.product(range(3), repeat=3)]
    far = [abs(s.mean()) >= t * s.std() - 1e-12 for s in samples]
    found = paired_bootstrap(torch.from_numpy(values), samples=20_000)
    assert found == pytest.approx(sum(far) / 27, abs=0.01)


@pytest.mark.parametrize("name", TESTS)
def test_no_difference_is_found_more_often_than_the_level_says(name: str) -> None:
    found = [p_of(name, differences(300, seed=draw)) <= 0.05 for draw in range(DRAWS)]
    assert sum(found) / DRAWS <= 0.06


@pytest.mark.parametrize("name", TESTS)
def test_a_real_difference_is_found(name: str) -> None:
    found = [p_of(name, differences(300, shift=0.03, seed=draw)) <= 0.05 for draw in range(100)]
    assert sum(found) >= 95


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("values", [[], [math.nan], [0.0], [0.0] * 9, [0.0, math.nan]])
def test_no_difference_at_all_is_p_1(name: str, values: list[float]) -> None:
    assert p_of(name, torch.tensor(values, dtype=torch.float64)) == 1.0


@pytest.mark.parametrize("name", TESTS)
def test_one_user_shows_nothing(name: str) -> None:
    assert p_of(name, torch.tensor([0.4])) == 1.0


def test_few_users_who_agree_show_no_more_than_their_signs_can() -> None:
    assert paired_bootstrap(torch.full((4,), 0.1)) == 2**-3
    assert paired_bootstrap(torch.full((50,), 0.1)) == 1 / 1001


def test_users_without_a_value_are_left_out() -> None:
    values = differences(50, shift=0.03)
    gaps = torch.cat([values, torch.full((20,), math.nan, dtype=torch.float64)])
    assert [p_of(n, gaps) for n in ("t", "wilcoxon")] == [p_of(n, values) for n in ("t", "wilcoxon")]
    assert paired_bootstrap(gaps, samples=9000) == pytest.approx(
        paired_bootstrap(values, samples=9000), abs=0.01
    )


def test_tests_of_many_differences_are_those_of_each_alone() -> None:
    many = [differences(60, shift=shift, seed=seed) for seed, shift in enumerate((0.0, 0.02, 0.05))]
    for name in TESTS:
        assert p_values(many, name) == [p_of(name, each) for each in many]


def test_the_bootstrap_can_reject_among_many_comparisons() -> None:
    many = [differences(300, shift=0.1, seed=seed) for seed in range(60)]
    assert max(holm(p_values(many))) <= 0.01


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04 times 4 3 2 1 is .04 .06 .06 .04, and none may be below the one before.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_its_step_down_rule_rejects(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.2):
        order = np.argsort(p_values, kind="stable")
        going, rejected = True, set()
        for rank, place in enumerate(order):
            going = going and (len(p_values) - rank) * p_values[place] <= level
            rejected |= {int(place)} if going else set()
        assert {place for place, p in enumerate(adjusted) if p <= level} == rejected


def test_a_difference_as_large_as_the_detectable_one_is_found_in_four_of_five() -> None:
    size = detectable(differences(300, seed=1))
    found = [paired_t(differences(300, shift=size, seed=draw)) <= 0.05 for draw in range(DRAWS)]
    assert 0.75 <= sum(found) / DRAWS <= 0.85


def test_what_seeds_move_is_half_of_welchs_interval() -> None:
    first, second = [0.2, 0.26, 0.23], [0.1, 0.12, 0.11, 0.16]
    theirs = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert moved_by_seeds(first, second) == pytest.approx((theirs.high - theirs.low) / 2)


def test_a_single_seed_moves_nothing_and_the_other_side_still_does() -> None:
    several = [0.2, 0.26, 0.23]
    theirs = stats.ttest_1samp(several, 0.0).confidence_interval(0.95)
    assert moved_by_seeds(several, [0.1]) == pytest.approx((theirs.high - theirs.low) / 2)
    assert moved_by_seeds([0.1], [0.2]) == moved_by_seeds([0.1, 0.1], [0.2, 0.2]) == 0.0

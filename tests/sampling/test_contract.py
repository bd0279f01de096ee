"""Every sampler of conf/sampling: the slate's form, its positives, and that no positive counts as a negative.

Independent source: Python sets of pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import get_class
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.types import Slate, TrainRows

FILES = {file.stem: file for file in sorted((Path(__file__).parents[2] / "conf" / "sampling").glob("*.yaml"))}
USERS, ITEMS = 5, 7
MEMORY = {"queue", "filled"}
"""What a sampler keeps of earlier steps, and so has to find again when a run is resumed."""
PAIRS = [(0, 1), (0, 2), (1, 1), (2, 3), (2, 3), (3, 6), (3, 1), (3, 2), (3, 3), (4, 0)]

MakeRows = Callable[[Sequence[tuple[int, int]]], TrainRows]
Make = Callable[[TrainRows], Sampler]

pairs = st.lists(st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1)), min_size=1, max_size=40)


@pytest.fixture(scope="module", params=FILES)
def make(request: pytest.FixtureRequest, make_sampler: Callable[..., Sampler]) -> Make:
    config: Any = OmegaConf.to_container(OmegaConf.load(FILES[request.param]))
    target = get_class(config.pop("_target_"))
    if request.param == "oversample":
        config["rate"] = 1.0
    return lambda train: make_sampler(target, train, USERS, ITEMS, **config)


def cells(slate: Slate) -> torch.Tensor:
    """The item of each cell, `[B, C]`."""
    return slate.items.expand(slate.labels.shape)


@given(pairs=pairs, seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_no_positive_of_the_user_counts_as_a_negative(
    make: Make, make_rows: MakeRows, pairs: list[tuple[int, int]], seed: int
) -> None:
    train = make_rows(pairs)
    slate = make(train)(train, torch.Generator().manual_seed(seed))
    negatives = (slate.mask & (slate.labels == 0)).nonzero()
    found = {(int(slate.user[b]), int(cells(slate)[b, c])) for b, c in negatives}
    assert not found & set(pairs)


@given(pairs=pairs, seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_no_positive_counts_as_a_negative_in_later_batches_either(
    make: Make, make_rows: MakeRows, pairs: list[tuple[int, int]], seed: int
) -> None:
    train, generator = make_rows(pairs), torch.Generator().manual_seed(seed)
    sampler = make(train)
    for start in range(0, len(pairs), 4):
        batch = rows.select(train, slice(start, start + 4))
        slate = sampler(batch, generator)
        negatives = (slate.mask & (slate.labels == 0)).nonzero()
        found = {(int(slate.user[b]), int(cells(slate)[b, c])) for b, c in negatives}
        assert not found & set(pairs)


def test_the_slate_has_the_form_that_losses_read(make: Make, make_rows: MakeRows) -> None:
    train = make_rows(PAIRS)
    slate = make(train)(train, torch.Generator().manual_seed(0))
    size = (len(PAIRS), slate.labels.shape[1])
    assert (slate.labels.shape, slate.labels.dtype) == (size, torch.float32)
    assert (slate.mask.shape, slate.mask.dtype) == (size, torch.bool)
    assert (slate.items.shape, slate.items.dtype) in {(size, torch.int64), (size[1:], torch.int64)}
    if slate.log_q is not None:
        assert (slate.log_q.shape, slate.log_q.dtype) in {(size, torch.float32), (size[1:], torch.float32)}
        assert bool(slate.log_q.expand(size)[slate.mask & (slate.labels == 0)].isfinite().all())
    assert bool(((slate.items >= 0) & (slate.items < ITEMS)).all())


def test_each_row_brings_its_own_item_as_its_one_positive(make: Make, make_rows: MakeRows) -> None:
    train = make_rows(PAIRS)
    slate = make(train)(train, torch.Generator().manual_seed(0))
    positive = slate.mask & (slate.labels > 0)
    assert positive.sum(1).tolist() == [1] * len(PAIRS)
    assert torch.equal(cells(slate)[positive], train.item)


def test_the_query_is_that_of_the_row(make: Make, make_rows: MakeRows) -> None:
    train = make_rows(PAIRS)
    slate = make(train)(train, torch.Generator().manual_seed(0))
    assert torch.equal(slate.user, train.user)
    assert slate.time is not None
    assert train.time is not None
    assert torch.equal(slate.time, train.time)
    assert torch.equal(slate.context["device"], train.context["device"])


def test_an_equal_generator_draws_an_equal_slate(make: Make, make_rows: MakeRows) -> None:
    train = make_rows(PAIRS)
    torch.manual_seed(1)
    first = make(train)(train, torch.Generator().manual_seed(5))
    torch.manual_seed(2)
    second = make(train)(train, torch.Generator().manual_seed(5))
    for name in ("user", "items", "labels", "mask", "log_q"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None)
        assert one is None or torch.equal(one, other), name


def test_what_it_gives_is_there(make: Make, make_rows: MakeRows) -> None:
    train = make_rows(PAIRS)
    sampler = make(train)
    if sampler.rows == "page":
        train = replace(train, time=torch.zeros_like(train.user), label=(train.item != 1).float())
    slate = sampler(train, torch.Generator().manual_seed(0))
    several = bool((slate.mask.sum(1) > 1).any())
    assert several == ("sampling.row" in sampler.gives)
    if several:
        assert "sampling.both" in sampler.gives
        assert bool((slate.mask & (slate.labels == 0)).any())


def test_its_tables_follow_the_device_and_stay_out_of_checkpoints(make: Make, make_rows: MakeRows) -> None:
    sampler = make(make_rows(PAIRS))
    assert set(sampler.state_dict()) <= MEMORY
    held = {name for name, value in vars(sampler).items() if isinstance(value, torch.Tensor)}
    assert not held


def test_a_batch_of_one_row(make: Make, make_rows: MakeRows) -> None:
    slate = make(make_rows(PAIRS))(make_rows(PAIRS[:1]), torch.Generator().manual_seed(0))
    assert slate.labels.shape[0] == 1

"""Independent source: the rows themselves, and counting."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from recsys.ops import pages
from recsys.train.datamodule import Batches, Data
from recsys.types import TrainRows, UserError

SECONDS = [7, 7, 8, 7, 9, 8, 9, 9, 9, 7, 8, 10]


def log(seconds: list[int]) -> TrainRows:
    n = len(seconds)
    return TrainRows(
        user=torch.zeros(n, dtype=torch.int64),
        item=torch.arange(n),
        label=torch.ones(n),
        time=torch.tensor(seconds),
    )


def of_pages(size: int, epoch: int = 0) -> Batches:
    train = log(SECONDS)
    return Batches(train, size, 0, lambda: epoch, pages.collect(pages.number(train)))


@pytest.mark.parametrize("size", [1, 4, 5, 7, 100])
def test_a_page_is_never_parted_and_every_row_comes_once(size: int) -> None:
    batches = [batch.item.tolist() for batch in of_pages(size)]
    assert sorted(item for batch in batches for item in batch) == list(range(len(SECONDS)))
    pages_of = [{SECONDS[item] for item in batch} for batch in batches]
    assert sum(map(len, pages_of)) == len(set(SECONDS))
    assert len(batches) == len(of_pages(size))


def test_the_order_of_pages_is_that_of_the_epoch() -> None:
    first, again, other = ([batch.item.tolist() for batch in of_pages(4, epoch)] for epoch in (0, 0, 3))
    assert first == again
    assert first != other


def test_a_batch_has_as_many_rows_as_asked_for_on_average() -> None:
    seconds = torch.randint(500, (5000,), generator=torch.Generator().manual_seed(0)).tolist()
    train = log(seconds)
    batches = list(Batches(train, 100, 0, lambda: 0, pages.collect(pages.number(train))))
    assert len(train.user) / len(batches) == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("size", [3, 12, 50])
def test_without_pages_batches_have_the_size_asked_for(size: int) -> None:
    batches = Batches(log(SECONDS), size, 0, lambda: 0)
    sizes = [len(batch.user) for batch in batches]
    assert sizes[:-1] == [size] * (len(sizes) - 1)
    assert Counter(item for batch in batches for item in batch.item.tolist()) == Counter(range(len(SECONDS)))


def test_no_rows_are_no_batches() -> None:
    assert list(Batches(log([]), 4, 0, lambda: 0)) == []


def test_pages_of_one_row_are_refused_when_fitting_begins() -> None:
    def data(seconds: list[int]) -> Data:
        encoded: Any = SimpleNamespace(train=log(seconds))
        evaluator: Any = None
        return Data(encoded, draws="page", evaluator=evaluator, batch_size=4, block=1, seed=0)

    with pytest.raises(UserError, match=r"^sampling=page: no two training rows"):
        data([1, 2, 3]).setup("fit")
    data([1, 2, 3]).setup("test")
    data([1, 2, 2]).setup("fit")

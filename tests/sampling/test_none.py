"""Independent source: the rows themselves."""

from collections.abc import Callable
from dataclasses import replace

import torch

from recsys.sampling.none import NoSampling
from recsys.types import TrainRows


def test_a_row_is_one_candidate_with_its_own_label(
    make_rows: Callable[..., TrainRows], generator: torch.Generator
) -> None:
    train = replace(make_rows([(0, 1), (1, 2), (1, 0)]), label=torch.tensor([1.0, 0.0, 0.5]))
    slate = NoSampling()(train, generator)
    assert slate.items.tolist() == [[1], [2], [0]]
    assert slate.labels.tolist() == [[1.0], [0.0], [0.5]]
    assert bool(slate.mask.all())
    assert slate.log_q is None
    assert slate.weights is None


def test_it_reads_rows_of_both_labels() -> None:
    assert NoSampling.rows == "all"
    assert [need.what for need in NoSampling.needs] == ["label.negatives"]

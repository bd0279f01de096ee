"""Against sums of slices."""

import torch

from recsys.ops import counting


def test_a_tally_counts_what_is_kept_before_each_place() -> None:
    kept = torch.tensor([True, False, True, True])
    assert counting.tally(kept).tolist() == [0, 1, 1, 2, 3]
    assert counting.tally(kept[:0]).tolist() == [0]

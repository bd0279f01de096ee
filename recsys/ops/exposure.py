"""How often each item is shown, and how evenly."""

import torch
from torch import Tensor


def counts(items: Tensor, counted: Tensor, k: int, n_items: int) -> Tensor:
    """In how many of the lists each item is among the first k, `[n_items]` int64.

    Args:
        items: `[Q, K]`.
        counted: `[Q, K]` bool, the positions that hold a candidate.
    """
    return torch.bincount(items[:, :k][counted[:, :k]], minlength=n_items)


def gini(counts: Tensor) -> float:
    """sum_i (2 i - n - 1) x_(i) / (n sum x), with x_(1) <= … <= x_(n); NaN where nothing was shown.

    0 where all are equal, (n - 1) / n where one has everything.

    Args:
        counts: `[n]`, not negative.
    """
    ordered = counts.double().sort().values
    n = len(ordered)
    place = torch.arange(1, n + 1, dtype=torch.float64, device=counts.device)
    return float(((2 * place - n - 1) * ordered).sum() / (n * ordered.sum()))


def entropy(counts: Tensor) -> float:
    """-sum_i p_i ln p_i in nats, with p = counts / sum; NaN where nothing was shown.

    Args:
        counts: `[n]`, not negative.
    """
    share = counts.double() / counts.sum()
    return float(-torch.special.xlogy(share, share).sum())


def largest_distance(counts: Tensor) -> float:
    """The largest total variation distance between the distributions of two rows: max sum_i |p_i - q_i| / 2.

    NaN where a row has nothing.

    Args:
        counts: `[groups, n]`, not negative.
    """
    share = counts.double() / counts.sum(1, keepdim=True)
    gaps = [(share[row + 1 :] - share[row]).abs().sum(1) / 2 for row in range(len(share) - 1)]
    return float(torch.cat(gaps).max())

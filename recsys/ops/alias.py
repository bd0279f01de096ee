"""Drawing from a discrete distribution in constant time.

Walker 1977, "An Efficient Method for Generating Discrete Random Variables with General Distributions", with the
tables of Vose 1991, "A Linear Algorithm for Generating Random Numbers with a Given Distribution".
"""

import torch
from torch import Tensor

BITS = 31
STEPS = 1 << BITS
"""How finely a column can be parted, so that one whole number says column and height."""


def tables(mass: Tensor) -> tuple[Tensor, Tensor]:
    """Columns of equal width, each shared by an entry and an alias.

    Args:
        mass: `[n]`, not negative, at least one above 0; need not sum to 1.

    Returns:
        The entry's share of each column in STEPS, `[m]` int64, and the two that share it, `[m, 2]` int64, the
        alias first. There is a column for each entry with mass.
    """
    entries = mass.nonzero().squeeze(1)
    heights = mass[entries].double()
    share = (heights * (len(entries) / heights.sum())).tolist()
    alias = list(range(len(share)))
    small = [i for i, height in enumerate(share) if height < 1]
    large = [i for i, height in enumerate(share) if height >= 1]
    while small and large:
        low, high = small.pop(), large[-1]
        alias[low] = high
        share[high] -= 1 - share[low]
        if share[high] < 1:
            small.append(large.pop())
    for left in (*small, *large):
        share[left] = 1.0
    pair = torch.stack([entries[torch.tensor(alias, dtype=torch.int64)], entries], 1)
    return (torch.tensor(share, dtype=torch.float64) * STEPS).round().long(), pair


def draw(n: int, share: Tensor, pair: Tensor, generator: torch.Generator) -> Tensor:
    """n entries, each with probability mass / sum, up to 1 / STEPS of a column, `[n]` int64."""
    number = torch.randint(len(share) * STEPS, (n,), generator=generator, device=generator.device)
    column, height = number >> BITS, number.bitwise_and_(STEPS - 1)
    own = height < share.index_select(0, column)
    return pair.view(-1).index_select(0, column.mul_(2).add_(own))

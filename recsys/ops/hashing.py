"""Numbers that look random and are a function of their arguments alone."""

from torch import Tensor

FIRST, SECOND = -7046029254386353131, -4417276706812531889
"""2^64 over the golden ratio, as in SplitMix64, and the second prime of xxHash64, as signed numbers."""


def mix(first: Tensor, second: Tensor) -> Tensor:
    """A well-mixed number from 0 to 2^62 - 1 of each pair, int64, of the broadcast shape."""
    mixed = (first + 1) * FIRST ^ (second + 1) * SECOND
    for shift, factor in ((29, FIRST), (32, SECOND), (30, 1)):
        mixed = (mixed ^ (mixed >> shift)) * factor
    return mixed & (2**62 - 1)

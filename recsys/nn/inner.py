"""Inner products of queries with their candidates."""

from torch import Tensor


def inner(users: Tensor, items: Tensor) -> Tensor:
    """`[B, C]` from users `[B, D]` and items `[B, C, D]`, or `[C, D]` where all share them.

    For candidates of their own, a product and a sum: with the few candidates of a training step that is
    twice as fast on a CPU as a batch of matrix products.
    """
    if items.dim() == 2:
        return users @ items.T
    return (users[:, None] * items).sum(-1)

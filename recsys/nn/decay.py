"""Shrinking the embeddings that a training step reads."""

from torch import Tensor

from recsys.types import Slate


def of_slate(users: Tensor, items: Tensor, slate: Slate) -> Tensor:
    """Half the squared length of all embeddings that a slate reads, over its number of rows; a scalar.

    An embedding counts as often as it is read, so that what is read often is shrunk more: the regularisation of
    Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback", sec. 4.2, and of He et al.
    2020, "LightGCN", eq. 15. Cells that are masked do not count.

    Args:
        users: `[B, D]`.
        items: `[B, C, D]`, or `[C, D]` where every row shares the candidates.
    """
    squares = items.square().sum(-1)
    if squares.dim() == 2:
        squares = squares * slate.mask
    return (users.square().sum() + squares.sum()) / (2 * len(users))

"""Shrinking the embeddings that a training step reads."""

from torch import Tensor

from recsys.nn import masked
from recsys.types import Slate


def of_slate(users: Tensor, items: Tensor, slate: Slate) -> Tensor:
    """Half the squared length of all embeddings that a slate reads, over its number of rows; a scalar.

    An embedding counts as often as it is read, so that what is read often is shrunk more: the regularisation of
    Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback", sec. 4.2, and of He et al.
    2020, "LightGCN", eq. 15. Cells that are masked or of weight 0 do not count, nor do users without others.

    Args:
        users: `[B, D]`.
        items: `[B, C, D]`, or `[C, D]` where every row shares the candidates.
    """
    counting = masked.counting(slate)
    of_users = (users.square().sum(-1) * counting.any(1)).sum()
    if items.dim() == 3:
        of_items = (items.square().sum(-1) * counting).sum()
    else:  # All processes have all of them.
        of_items = (items.square().sum(-1) * counting.any(0)).sum() / slate.shares
    return (of_users + of_items) / (2 * len(users))

"""How much each item of a history matters to a candidate."""

import torch
from torch import Tensor, nn


class TargetAttention(nn.Module):
    """The sum of a history's vectors, each weighted by a network of it and the candidate.

    Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", eq. 3 and fig. 2: weight =
    MLP([h, h - t, h * t, t]), not normalised, so that the strength of an interest is kept. The first layer is
    linear in its parts, so that what depends on the history or the candidate alone is computed once.

    Args:
        width: length of the vectors.
        hidden: units of the network's hidden layer.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.of_history, self.of_target = nn.Linear(width, hidden), nn.Linear(width, hidden, bias=False)
        self.of_both = nn.Parameter(torch.empty(hidden, width))
        nn.init.xavier_uniform_(self.of_both)
        self.rest = nn.Sequential(nn.PReLU(), nn.Linear(hidden, 1))

    def forward(self, history: Tensor, there: Tensor, targets: Tensor) -> Tensor:
        """`[B, C, width]` for the candidates, zeros of an empty history.

        Args:
            history: `[B, L, width]`.
            there: `[B, L]` bool, which places have an item.
            targets: `[B, C, width]`, or `[C, width]` where every row shares them.
        """
        of_rows = "bchw" if targets.dim() == 3 else "chw"
        both = torch.einsum(f"blw,{of_rows}->bclh", history, targets.unsqueeze(-2) * self.of_both)
        hidden = self.of_history(history).unsqueeze(1) + self.of_target(targets).unsqueeze(-2) + both
        weights = self.rest(hidden).squeeze(-1) * there[:, None, :]
        return weights @ history

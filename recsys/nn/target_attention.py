"""How much each item of a history matters to a candidate."""

import torch
from torch import Tensor, nn

CELLS = 2**18
"""Hidden units held at once where nothing is trained: 1 MB of float32 for each step of the network."""


class TargetAttention(nn.Module):
    """The sum of a history's vectors, each weighted by a network of it and the candidate.

    Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", eq. 3 and fig. 2: weight =
    MLP([h, h - t, h * t, t]), not normalised, so that the strength of an interest is kept. The first layer is
    linear in its parts, so that what depends on the history or the candidate alone is computed once. Where
    nothing is trained, the candidates are taken in blocks, the smaller the longer the history.

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
        own = self.of_history(history).unsqueeze(1)
        if torch.is_grad_enabled():
            return self._block(history, there, own, targets)
        step = max(1, CELLS // max(1, own.numel()))
        # Made in advance: results that come between blocks keep the allocator from using their memory again.
        seen = history.new_empty(len(history), targets.shape[-2], history.shape[-1])
        for into, part in zip(seen.split(step, 1), targets.split(step, -2), strict=True):
            into.copy_(self._block(history, there, own, part))
        return seen

    def _block(self, history: Tensor, there: Tensor, own: Tensor, targets: Tensor) -> Tensor:
        of_rows = "bchw" if targets.dim() == 3 else "chw"
        both = torch.einsum(f"blw,{of_rows}->bclh", history, targets.unsqueeze(-2) * self.of_both)
        weights = self.rest(own + self.of_target(targets).unsqueeze(-2) + both).squeeze(-1)
        return (weights * there[:, None, :]) @ history

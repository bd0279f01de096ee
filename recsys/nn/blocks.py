"""A block of a transformer."""

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class Block(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x)).

    Vaswani et al. 2017, "Attention Is All You Need", with the norm before each part (Xiong et al. 2020, "On
    Layer Normalization in the Transformer Architecture", fig. 1 b).

    Args:
        width: length of the vectors; a multiple of `heads`.
        heads: of the attention.
        dropout: share of what each part adds that is left out in training.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.hidden, self.out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, vectors: Tensor, allowed: Tensor) -> Tensor:
        """From `[N, L, width]` to the same.

        Args:
            allowed: `[N, L, L]` bool, which places (last) each place may look at; one of them at least.
        """
        parts = self.mixed(self.before(vectors)).unflatten(-1, (3, self.heads, -1))
        query, key, value = (part.transpose(-2, -3) for part in parts.unbind(-3))
        seen = scaled_dot_product_attention(query, key, value, attn_mask=allowed.unsqueeze(-3))
        vectors = vectors + self.dropout(self.joined(seen.transpose(-2, -3).flatten(-2)))
        hidden = torch.relu(self.hidden(self.between(vectors)))
        return vectors + self.dropout(self.out(hidden))

"""Self-attention among fields."""

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class FieldAttention(nn.Module):
    """ReLU(the heads' attention over all fields, side by side + W_res v).

    Song et al. 2019, "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks",
    eq. 5-8: nothing divides the products before the softmax.

    Args:
        width_in: length of the vectors given.
        width: of each head.
        heads: number of heads.
    """

    def __init__(self, width_in: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.mixed = nn.Linear(width_in, 3 * heads * width, bias=False)
        self.residual = nn.Linear(width_in, heads * width, bias=False)

    def forward(self, fields: Tensor) -> Tensor:
        """From `[..., F, width_in]` to `[..., F, heads * width]`."""
        parts = self.mixed(fields).unflatten(-1, (3, self.heads, -1)).movedim(-4, -2)
        query, key, value = parts.unbind(-4)
        seen = scaled_dot_product_attention(query, key, value, scale=1.0)
        return (seen.transpose(-2, -3).flatten(-2) + self.residual(fields)).relu()

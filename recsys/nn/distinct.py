"""Computing each distinct entity once."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import embedding


def once(index: Tensor, encode: Callable[[Tensor], Tensor]) -> Tensor:
    """`encode(index)`, each distinct entity computed once and gathered.

    Worth it where `encode` costs much more than a gather.

    Args:
        index: `[...]` int64.
        encode: from `[N]` to `[N, D]`.
    """
    if index.dim() == 1:
        return encode(index)
    distinct, place = torch.unique(index, return_inverse=True)
    return embedding(place, exact(encode(distinct)))


def exact(vectors: Tensor) -> Tensor:
    """The vectors in 32 bits at least, for what is computed once and read often.

    The gradient of a table adds up what its readers say, and a sum in bf16 stops growing at 256 equal terms.
    """
    return vectors.to(torch.promote_types(vectors.dtype, torch.float32))

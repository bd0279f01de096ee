"""Ranking metrics as exact expected values over the order of equal scores.

At each position a tie has n members, r of them relevant, and the position is the j-th of the tie, from 0; see
`recsys.types.Ranking`. All tensors are `[Q, K]` float64; a function returns one value for each query, `[Q]`, or
`[Q, K]` for every depth k at once.
"""

import torch
from torch import Tensor


def hits(size: Tensor, relevant: Tensor) -> Tensor:
    """The chance that a position is relevant, r / n; 0 beyond the candidates."""
    return relevant / size.clamp_min(1)


def none_before(size: Tensor, relevant: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
    """The chance of no hit before each position, and that of a hit there given none before.

    Within a tie the first j positions without a hit leave n - j members with all r relevant ones.
    """
    hazard = (relevant / (size - offset).clamp_min(1)).clamp_max(1)
    survival = torch.cumprod(1 - hazard, 1)
    return torch.cat([torch.ones_like(survival[:, :1]), survival[:, :-1]], 1), hazard


def reciprocal_rank(before: Tensor, hazard: Tensor) -> Tensor:
    """E[1 / first relevant position], cut at each depth."""
    return (before * hazard / positions(before)).cumsum(1)


def hit_rate(before: Tensor, hazard: Tensor) -> Tensor:
    """P(at least one relevant among the first k), at each depth."""
    return 1 - before * (1 - hazard)


def discounted_gain(gain: Tensor) -> Tensor:
    """sum over p <= k of E[gain_p] / log2(p + 1), at each depth; the gain of a hit is 1 without grades."""
    return (gain / (positions(gain) + 1).log2()).cumsum(1)


def persistence_sum(hit: Tensor, persistence: float) -> Tensor:
    """(1 - b) sum over p <= k of b^(p - 1) E[rel_p], at each depth."""
    return ((1 - persistence) * hit * persistence ** (positions(hit) - 1)).cumsum(1)


def ideal_gain(relevant: Tensor, depth: int) -> Tensor:
    """The discounted gain of min(k, R) relevant items at the top, at each depth."""
    place = torch.arange(1, depth + 1, dtype=torch.float64, device=relevant.device)
    full = (1 / (place + 1).log2()).cumsum(0)
    return full[torch.minimum(place.long(), relevant[:, None]).clamp_min(1) - 1]


def precision_sum(size: Tensor, relevant: Tensor, offset: Tensor) -> Tensor:
    """sum over p <= k of E[rel_p x precision at p], at each depth.

    E[rel_p rel_q] is e_p e_q across ties and r (r - 1) / (n (n - 1)) within one, for q before p; so
    E[rel_p x hits up to p] = e_p x (hits of the ties before) + j r (r - 1) / (n (n - 1)) + e_p.
    """
    hit = hits(size, relevant)
    earlier = hit.cumsum(1) - hit - offset * hit
    pair = relevant * (relevant - 1) / (size * (size - 1)).clamp_min(1)
    return ((hit * earlier + offset * pair + hit) / positions(hit)).cumsum(1)


def positions(like: Tensor) -> Tensor:
    """1, 2, …, K."""
    return torch.arange(1, like.shape[1] + 1, dtype=torch.float64, device=like.device)

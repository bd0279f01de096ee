"""A vector computed from many hashes, without a table."""

from collections.abc import Sequence
from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.cell_norm import CellNorm
from recsys.nn.distinct import exact
from recsys.ops import codes, hashing
from recsys.types import ColumnType, PositiveInt

BUCKETS = 1_000_000
"""Of each hash, the paper's m; below 2^24, so that float32 holds every one."""

BLOCK = 8192
"""Values whose hashes are held at once where nothing is trained."""


@final
class DeepHash(Encoder):
    """An MLP of k hashes of the value: hidden layers with batch normalisation and Mish, then a linear one.

    Kang et al. 2021, "Learning to Embed Categorical Features without Embedding Tables for Recommendation",
    section 4 (DHE): each of k hash functions gives one of 10^6 buckets, scaled to [-1, 1] (the uniform
    encoding). The hash functions are `recsys.ops.hashing.mix` with k seeds in place of the paper's modular
    products. An entity keeps 8 bytes, from which the hashes are made as the model runs. There is no
    vocabulary: a value that training never saw is hashed like any other. A missing value has a code of its
    own that no text has.

    Args:
        hashes: k.
        hidden: widths of the hidden layers.
        dim: length of the vectors; None takes what the model asks for.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(
        self,
        *,
        hashes: PositiveInt = 256,
        hidden: Sequence[PositiveInt] = (64, 64),
        dim: PositiveInt | None = None,
    ) -> None:
        self.hashes, self.hidden, self.dim = hashes, tuple(hidden), dim

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """A code of 63 bits; -1 for missing values. `[N]` int64."""
        return codes.of(values)

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., dim]`."""
        return _Decoder(self.hashes, self.hidden, self.dim or dim)


class _Decoder(nn.Module):
    def __init__(self, hashes: int, hidden: Sequence[int], width: int) -> None:
        super().__init__()
        self.width = width
        layers: list[nn.Module] = []
        wide = hashes
        for size in hidden:
            layers += [nn.Linear(wide, size, bias=False), CellNorm(size), nn.Mish()]
            wide = size
        self.layers = nn.Sequential(*layers, nn.Linear(wide, width))
        self.register_buffer("functions", torch.arange(hashes), persistent=False)

    def forward(self, codes: Tensor) -> Tensor:
        """Each distinct value computed once; in blocks where nothing is trained, so that memory stays small."""
        distinct, place = torch.unique(codes, return_inverse=True)
        blocks = (distinct,) if self.training else distinct.split(BLOCK)
        vectors = torch.cat([self.layers(self.hashed(block)) for block in blocks])
        return nn.functional.embedding(place, exact(vectors))

    def hashed(self, codes: Tensor) -> Tensor:
        """The k hashes of each code, `[N]` to `[N, k]`, float32 from -1 to 1."""
        functions: Tensor = self.functions  # type: ignore[assignment]
        return hashing.mix(codes[:, None], functions) % BUCKETS * (2 / (BUCKETS - 1)) - 1

"""A text as the mean of the vectors of its n-grams' buckets."""

from itertools import chain, islice
from typing import final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.ops import codes
from recsys.ops.words import character_ngrams, word_ngrams, words
from recsys.types import ColumnType, NonNegativeInt, Positive, PositiveInt, UserError


@final
class HashedNgrams(Encoder):
    """The mean of a learned vector for the bucket of each n-gram of words and of characters.

    Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification" (n-grams of words, hashed), and
    Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information" (n-grams of the characters of each
    word, between < and >). The hash is BLAKE2b's, the same on every machine; words and characters are hashed
    apart. There is no vocabulary: a text with words that training never saw has the vectors of their buckets. A
    missing text, and one without a word, is a vector of zeros.

    Args:
        buckets: number of rows that n-grams are spread over.
        words: the longest n-gram of words.
        shortest, longest: n-grams of characters; `longest=0` leaves them out.
        most: n-grams kept of a text, words before characters, in the order of the text.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the table is drawn from.

    Raises:
        UserError: `shortest` is above a `longest` that is not 0.
    """

    accepts = frozenset[ColumnType]({"text"})

    def __init__(
        self,
        *,
        buckets: PositiveInt = 20_000,
        words: PositiveInt = 2,
        shortest: PositiveInt = 3,
        longest: NonNegativeInt = 5,
        most: PositiveInt = 256,
        dim: PositiveInt | None = None,
        init_std: Positive = 0.05,
    ) -> None:
        if 0 < longest < shortest:
            raise UserError(f"hashed_ngrams: shortest={shortest} is above longest={longest}; swap them")
        self.buckets, self.words, self.shortest, self.longest = buckets, words, shortest, longest
        self.most, self.dim, self.init_std = most, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The buckets of the n-grams, from 1, then zeros. `[N, L]` int64, L at most `most`."""
        grams = [self._ngrams(text or "") for text in values.to_list()]
        lengths = np.array([len(each) for each in grams], dtype=np.int64)
        hashed = codes.of(pl.Series("gram", list(chain.from_iterable(grams)), dtype=pl.String))
        places = torch.zeros(len(grams), max([1, *lengths.tolist()]), dtype=torch.int64)
        filled = torch.arange(places.shape[1]) < torch.from_numpy(lengths)[:, None]
        places[filled] = codes.buckets(hashed, self.buckets)
        return places

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` to `[..., dim]`."""
        return _Mean(self.buckets + 1, self.dim or dim, self.init_std)

    def _ngrams(self, text: str) -> list[str]:
        found = words(text)
        of_words = (f"w{gram}" for gram in word_ngrams(found, self.words))
        of_characters = (f"c{gram}" for gram in character_ngrams(found, self.shortest, self.longest))
        return list(islice(chain(of_words, of_characters), self.most))


class _Mean(nn.Module):
    def __init__(self, rows: int, width: int, std: float) -> None:
        super().__init__()
        self.width = width
        self.table = nn.Embedding(rows, width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=std)
        with torch.no_grad():
            self.table.weight[0] = 0

    def forward(self, places: Tensor) -> Tensor:
        flat = places.flatten(0, -2)
        pooled = nn.functional.embedding_bag(flat, self.table.weight, mode="mean", padding_idx=0)
        return pooled.unflatten(0, places.shape[:-1])

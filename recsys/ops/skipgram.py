"""Vectors of words from the words around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid


@dataclass(frozen=True)
class Settings:
    """How the vectors are trained.

    Attributes:
        dim: length of the vectors.
        window: how far the words around a word reach.
        negatives: drawn for each pair.
        epochs: times that all pairs are gone through.
        least: words that come less often are left out.
        rate: learning rate.
        seed: of all that is drawn.
    """

    dim: int
    window: int
    negatives: int
    epochs: int
    least: int
    rate: float
    seed: int


BATCH = 4096
"""Pairs a step, or fewer: so many that an epoch has `STEPS` steps."""

STEPS = 50


def train(texts: Sequence[Sequence[str]], settings: Settings) -> tuple[list[str], Tensor]:
    """The words, ascending, and their vectors `[words, dim]` float32, by skip-gram with negative sampling.

    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality", eq. 4:
    for a word w and a word c within the window, maximise log s(<v_w, u_c>) + sum over k negatives n of
    log s(-<v_w, u_n>), with s the sigmoid and n drawn by frequency^0.75. As in their code the window of a word
    is drawn from 1 to `window` anew in each epoch. Frequent words are not thinned out; the steps are Adam's.
    """
    counts = Counter(word for text in texts for word in text)
    words = sorted(word for word, times in counts.items() if times >= settings.least)
    draw = torch.Generator().manual_seed(settings.seed)
    inner, outer = nn.Embedding(len(words), settings.dim), nn.Embedding(len(words), settings.dim)
    with torch.no_grad():
        inner.weight.copy_((torch.rand(inner.weight.shape, generator=draw) - 0.5) / settings.dim)
        outer.weight.zero_()
    if len(words) > 1:
        pairs = _Pairs.of(texts, words, settings.window)
        odds = torch.tensor([float(counts[word]) for word in words]).pow(0.75)
        with torch.enable_grad():
            _descend(inner, outer, pairs, odds, settings, draw)
    return words, inner.weight.detach().clone()


def _descend(
    inner: nn.Embedding, outer: nn.Embedding, pairs: "_Pairs", odds: Tensor, of: Settings, draw: torch.Generator
) -> None:
    optimizer = torch.optim.Adam([inner.weight, outer.weight], lr=of.rate, fused=True)
    for word, near in pairs.batches(of.epochs, draw):
        negative = torch.multinomial(odds, len(word) * of.negatives, replacement=True, generator=draw)
        vector = inner(word)
        good = logsigmoid((vector * outer(near)).sum(-1))
        bad = logsigmoid(-(outer(negative.view(len(word), -1)) * vector.unsqueeze(1)).sum(-1))
        optimizer.zero_grad()
        (-(good.sum() + bad.sum()) / len(word)).backward()
        optimizer.step()


@dataclass(frozen=True)
class _Pairs:
    """Pairs of words of one text, in both directions.

    Attributes:
        word, near: `[P]` places in the vocabulary.
        kept: `[P]` how likely the pair is inside a window drawn at random.
    """

    word: Tensor
    near: Tensor
    kept: Tensor

    @staticmethod
    def of(texts: Sequence[Sequence[str]], words: Sequence[str], window: int) -> "_Pairs":
        place = {word: at for at, word in enumerate(words)}
        known = [[place[word] for word in text if word in place] for text in texts]
        flat = np.array([at for text in known for at in text], dtype=np.int64)
        text = np.repeat(np.arange(len(known)), [len(each) for each in known])
        found = []
        for distance in range(1, window + 1):
            together = np.flatnonzero(text[distance:] == text[:-distance]) if len(flat) > distance else []
            left, right = flat[together], flat[np.asarray(together, dtype=np.int64) + distance]
            share = np.full(2 * len(left), 1 - (distance - 1) / window)
            found.append((np.concatenate([left, right]), np.concatenate([right, left]), share))
        word, near, kept = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return _Pairs(torch.from_numpy(word), torch.from_numpy(near), torch.from_numpy(kept))

    def batches(self, epochs: int, draw: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        size = min(BATCH, max(1, len(self.word) // STEPS))
        for _ in range(epochs):
            inside = (torch.rand(len(self.kept), generator=draw, dtype=torch.float64) < self.kept).nonzero()
            order = inside.squeeze(1)[torch.randperm(len(inside), generator=draw)]
            for chosen in order.split(size):
                yield self.word[chosen], self.near[chosen]

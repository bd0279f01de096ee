"""A corpus whose structure is known: words of one topic come together, and never with those of another.

Independent source: the two topics that the texts are drawn from; means by a Python loop; pairs by a double
loop.
"""

import random
from collections import Counter

import polars as pl
import torch
from torch.nn.functional import normalize

from recsys.encoders.word2vec import Word2Vec
from recsys.ops.skipgram import _Pairs

TOPICS = (["cat", "dog", "cow", "hen", "pig"], ["sun", "rain", "wind", "snow", "fog"])


def corpus(n: int = 120) -> pl.Series:
    draw = random.Random(0)
    return pl.Series([" ".join(draw.choice(TOPICS[at % 2]) for _ in range(8)) for at in range(n)])


def test_words_that_come_together_are_nearer_than_words_that_do_not() -> None:
    state = Word2Vec(dim=16).fit(corpus())
    vectors = dict(zip(state["words"], normalize(state["vectors"], dim=1), strict=True))
    one, other = ([vectors[word] for word in topic] for topic in TOPICS)
    within = [float(a @ b) for topic in (one, other) for a in topic for b in topic]
    across = [float(a @ b) for a in one for b in other]
    assert min(within) > max(across) + 0.3


def test_the_seed_decides_and_the_order_and_number_of_equal_texts_do_not() -> None:
    texts = corpus(40)
    one = Word2Vec(dim=4).fit(texts)["vectors"]
    assert torch.equal(one, Word2Vec(dim=4).fit(pl.concat([texts.reverse(), texts]))["vectors"])
    assert not torch.equal(one, Word2Vec(dim=4, seed=1).fit(texts)["vectors"])


def test_a_text_is_the_mean_of_its_known_words_beside_a_mark() -> None:
    encoder = Word2Vec(dim=3)
    state = encoder.fit(pl.Series(["a b", "b a c", "A, b!", None]))
    assert state["words"] == ["a", "b"], "c comes once"
    a, b = state["vectors"]
    encoded = encoder.encode(pl.Series(["a b b c", "zzz", None, "", "B"]), state)
    assert torch.allclose(encoded[0], torch.tensor([*((a + 2 * b) / 3), 0.0]))
    assert encoded[1:4].tolist() == [[0.0, 0.0, 0.0, 1.0]] * 3
    assert encoded[4].tolist() == [*b.tolist(), 0.0]


def test_texts_without_known_words_are_marked() -> None:
    encoder = Word2Vec(dim=3)
    for values in (
        pl.Series("c", [None], dtype=pl.String),
        pl.Series(["once"]),
        pl.Series("c", [], dtype=pl.String),
    ):
        state = encoder.fit(values)
        assert state["words"] == []
        assert encoder.encode(pl.Series(["once", None]), state).tolist() == [[0.0, 0.0, 0.0, 1.0]] * 2


def test_pairs_are_the_words_within_the_window_of_one_text() -> None:
    texts, words, window = [["a", "b", "x", "c"], ["c"], ["b", "b", "a", "c", "a"]], ["a", "b", "c"], 3
    pairs = _Pairs.of(texts, words, window)
    expected: Counter[tuple[str, str, float]] = Counter()
    for text in [[word for word in text if word in words] for text in texts]:
        for i, word in enumerate(text):
            for j, near in enumerate(text):
                if 0 < abs(i - j) <= window:
                    # A window drawn from 1 to 3 reaches a distance d in 4 - d of 3 cases.
                    expected[word, near, round((window + 1 - abs(i - j)) / window, 6)] += 1
    found = zip(pairs.word.tolist(), pairs.near.tolist(), pairs.kept.tolist(), strict=True)
    assert Counter((words[w], words[n], round(k, 6)) for w, n, k in found) == expected

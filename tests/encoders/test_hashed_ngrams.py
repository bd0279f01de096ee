"""N-grams written out by hand and hashed with Python's hashlib."""

import itertools
from hashlib import blake2b

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.hashed_ngrams import HashedNgrams
from recsys.ops import hashing
from recsys.types import UserError

words = st.lists(st.sampled_from(["red", "Car", "é", "naïve", "x_1"]), max_size=4)


def bucket(gram: str, size: int) -> int:
    code = int.from_bytes(blake2b(gram.encode(), digest_size=8).digest(), "little") // 2
    return int(hashing.mix(torch.tensor(code), torch.tensor(0))) % size + 1


def slow(found: list[str], longest: int, characters: range, most: int) -> list[str]:
    lower = [word.lower() for word in found]
    grams = ["w" + " ".join(lower[i : i + n]) for n in range(1, longest + 1) for i in range(len(lower) - n + 1)]
    for word in lower:
        marked = "<" + word + ">"
        grams += ["c" + marked[i : i + n] for n in characters for i in range(len(marked) - n + 1)]
    return grams[:most]


def test_n_grams_of_a_text_by_hand() -> None:
    encoded = HashedNgrams(words=2, shortest=3, longest=4, buckets=10**6).encode(pl.Series(["The  cat!"]), {})
    grams = "wthe wcat wthe_cat c<th cthe che> c<the cthe> c<ca ccat cat> c<cat ccat>"
    assert encoded[0].tolist() == [bucket(gram.replace("_", " "), 10**6) for gram in grams.split()]


@given(st.lists(st.none() | words, min_size=1, max_size=5), st.integers(1, 3), st.sampled_from([0, 2, 4]))
@settings(deadline=None, max_examples=40)
def test_a_vector_is_the_mean_over_the_n_grams(texts: list[list[str] | None], longest: int, upto: int) -> None:
    torch.manual_seed(0)
    encoder = HashedNgrams(buckets=13, words=longest, shortest=2, longest=upto, most=9)
    values = pl.Series("c", [None if t is None else ", ".join(t) for t in texts], dtype=pl.String)
    module = encoder.module(encoder.fit(values), 3)
    for vector, text in zip(module(encoder.encode(values, {})), texts, strict=True):
        rows = [module.table.weight[bucket(g, 13)] for g in slow(text or [], longest, range(2, upto + 1), 9)]
        expected = torch.stack(rows).mean(0) if rows else torch.zeros(3)
        assert torch.allclose(vector, expected, atol=1e-6)


def test_texts_that_share_words_share_rows_also_unseen_ones() -> None:
    encoder = HashedNgrams(buckets=10**6, longest=0, words=1)
    one, other = encoder.encode(pl.Series(["blue car", "car red"]), {}).tolist()
    assert set(one) & set(other) == {bucket("wcar", 10**6)}


def test_missing_and_wordless_texts_are_zeros_that_stay() -> None:
    encoder = HashedNgrams()
    module = encoder.module({}, 4)
    vectors = module(encoder.encode(pl.Series("c", [None, "", "?!", "a"]), {}))
    assert vectors[:3].tolist() == [[0.0] * 4] * 3
    vectors.sum().backward()
    assert module.table.weight.grad[0].tolist() == [0.0] * 4


def test_words_spread_evenly_over_the_buckets() -> None:
    encoder = HashedNgrams(buckets=10, longest=0, words=1)
    texts = ["".join(letters) for letters in itertools.islice(itertools.product("abcdefgh", repeat=5), 10_000)]
    counts = torch.bincount(encoder.encode(pl.Series(texts), {}).flatten(), minlength=11)[1:]
    assert float(((counts - 1000.0) ** 2 / 1000).sum()) < 27.9, "the 0.1 % quantile with 9 degrees of freedom"


def test_a_range_upside_down_is_refused() -> None:
    with pytest.raises(UserError, match="shortest=4 is above longest=3"):
        HashedNgrams(shortest=4, longest=3)

"""Texts as words and n-grams."""

import re
from collections.abc import Iterator, Sequence

WORD = re.compile(r"\w+")
"""Letters, digits and underscores of any script."""


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order, without what stands between them."""
    return WORD.findall(text.lower())


def word_ngrams(words: Sequence[str], longest: int) -> Iterator[str]:
    """Runs of 1 to `longest` neighbouring words, the shorter runs first."""
    for length in range(1, longest + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def character_ngrams(words: Sequence[str], shortest: int, longest: int) -> Iterator[str]:
    """Runs of `shortest` to `longest` characters of each word, between `<` and `>` that mark its ends."""
    for word in words:
        marked = f"<{word}>"
        for length in range(shortest, longest + 1):
            for start in range(len(marked) - length + 1):
                yield marked[start : start + length]

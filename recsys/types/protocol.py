"""How results are measured."""

from dataclasses import dataclass
from typing import Literal

from recsys.types.arguments import NonNegativeInt, PositiveInt, Share

Candidates = Literal["unseen", "all", "new_items", "impressions"]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What is ranked, and how sure the numbers are. Made by `build` from the config's `eval`.

    Attributes:
        candidates: the items that a user's relevant ones are ranked among: all that she has not taken up
            before (`unseen`), the whole catalogue (`all`), the items that training does not know
            (`new_items`), or what she was shown in the held-out rows (`impressions`).
        sampled: rank among the relevant ones and so many others drawn at random, instead of among all
            candidates. Only for comparison with literature: the values are higher, and models can change
            places (Krichene and Rendle 2020). Every such name says so.
        confidence: of the intervals.
        bootstrap: samples of users for the intervals; 0 for none.
        min_slice: a slice of fewer users or rows is marked.
        lists: depth of the test users' lists written to `predictions.parquet`; 0 for none.
        vectors: write the vectors of all users and items, where the model has towers and its user tower reads
            no context, to `user_vectors.parquet` and `item_vectors.parquet`.
        seed: of what is drawn: the sampled candidates, the bootstrap.
    """

    candidates: Candidates = "unseen"
    sampled: PositiveInt | None = None
    confidence: Share = 0.95
    bootstrap: NonNegativeInt = 1000
    min_slice: PositiveInt = 50
    lists: NonNegativeInt = 0
    vectors: bool = False
    seed: NonNegativeInt = 0

    def named(self, name: str) -> str:
        """The name of a list metric, which says so where candidates are sampled."""
        return name if self.sampled is None else f"sampled{self.sampled}/{name}"

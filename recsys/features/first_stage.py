"""What a retrieval model that was trained before says of a user and an item."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import asof, vectors
from recsys.types import Answer, Columns, History, PositiveInt


@final
class FirstStage(Feature):
    """Products of a frozen model's vectors, for a ranker after retrieval.

    `first_stage_score` = <user vector, item vector>, what retrieval ranked by. `first_stage_history` = <mean
    vector of the user's last positive items before the moment, item vector>; NaN where she has none. The
    vectors are as training left them, and do not move with the moment: a model that learnt from a row scores
    that row higher than it would have beforehand, so train the first stage on earlier events where that
    matters. Users and items that it did not know have NaN.

    Args:
        run: folder of a run with `eval.vectors=true`, which wrote `user_vectors.parquet` and
        `item_vectors.parquet`. length: how many of the user's last positives are averaged.
    """

    def __init__(self, *, run: str, length: PositiveInt = 20) -> None:
        self.run, self.length = run, length

    @property
    def files(self) -> Sequence[str]:
        """The two files of the run."""
        return [str(Path(self.run) / f"{side}_vectors.parquet") for side in ("user", "item")]

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Two columns of the cross."""
        return [Answer(name, "cross") for name in ("first_stage_score", "first_stage_history")]

    def index(self, history: History) -> Index:
        """The vectors in the order of our users and items, NaN for unknown ones; a timeline of positives."""
        positive = history.label > 0
        timeline, order = asof.arrange(history.user[positive], history.time[positive], history.n_users)
        index = {**asof.store("user", timeline), "item": history.item[positive][order]}
        for side, file in zip(("user", "item"), self.files, strict=True):
            read = vectors.read("features.first_stage", file, "id")
            place = torch.from_numpy(read.places(history.keys[side]))
            rows = torch.tensor(read.rows, dtype=torch.float32)[place.clamp_min(0)]
            index[f"{side}s"] = torch.where(place[:, None] >= 0, rows, torch.nan)
        return index

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """The two products; nothing of the other sides."""
        if side != "cross" or user is None or item is None:
            return {}
        wanted = _rows(index["items"], item)
        asked = asof.ask(asof.restore("user", index), user, time)
        at, there = asof.last(asked, self.length)
        items = index["item"] if len(index["item"]) else index["item"].new_zeros(1)
        taken = index["items"][items[at.clamp(0, len(items) - 1)]]
        there = there & ~taken.isnan().any(-1)
        sums = torch.where(there[..., None], taken, 0).sum(1)
        mean = asked.restore(sums / there.sum(1, keepdim=True))
        return {
            "first_stage_score": (_rows(index["users"], user) * wanted).sum(1),
            "first_stage_history": (mean * wanted).sum(1),
        }


def _rows(table: Tensor, place: Tensor) -> Tensor:
    """The rows at the places, NaN where a place is outside."""
    known = (place >= 0) & (place < len(table))
    return torch.where(known[:, None], table[place.clamp(0, len(table) - 1)], torch.nan)

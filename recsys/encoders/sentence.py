"""A text as the vector that a pretrained sentence encoder gives it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.types import ColumnType, PositiveInt, UserError


@final
class Sentence(Encoder):
    """The frozen vector of a sentence-transformers model, beside a 1 where the text is missing.

    Reimers and Gurevych 2019, "Sentence-BERT". Each distinct text is encoded once, when data is prepared, and
    kept with it. There is no vocabulary of ours: an unseen text is encoded like any other. A missing text, and
    one of spaces alone, has zeros and the mark.

    Args:
        model: a folder with a sentence-transformers model, or the name of one on its hub.
        normalize: scale each vector to length 1.
        batch: texts encoded at once.
    """

    accepts = frozenset[ColumnType]({"text"})

    def __init__(
        self,
        *,
        model: str = "sentence-transformers/all-MiniLM-L6-v2",
        normalize: bool = True,
        batch: PositiveInt = 64,
    ) -> None:
        self.model, self.normalize, self.batch = model, normalize, batch

    @property
    def files(self) -> Sequence[str]:
        """Those of the model, where it is a folder."""
        return sorted(str(file) for file in Path(self.model).rglob("*") if file.is_file())

    def fit(self, values: pl.Series) -> State:
        """The length of the vectors.

        Raises:
            UserError: the package is not installed, or the model cannot be loaded.
        """
        return {"width": self._vectors(["a"]).shape[1]}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The vector and the mark, `[N, width + 1]` float32."""
        texts = values.str.strip_chars().replace("", None)
        known = texts.drop_nulls().unique().sort()
        place = pl.DataFrame({"text": known, "place": range(len(known))}, schema_overrides={"place": pl.Int64})
        asked = texts.rename("text").to_frame().join(place, on="text", how="left", maintain_order="left")
        rows = torch.from_numpy(asked["place"].fill_null(len(known)).to_numpy().copy())
        table = torch.zeros(len(known) + 1, state["width"] + 1)
        if len(known):
            table[:-1, :-1] = self._vectors(known.to_list())
        table[-1, -1] = 1
        return table[rows]

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(state["width"] + 1)

    def _vectors(self, texts: list[str]) -> Tensor:
        found = _loaded(self.model).encode(
            texts,
            batch_size=self.batch,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=self.normalize,
        )
        return torch.tensor(found, dtype=torch.float32)


def _loaded(model: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found]
    except ImportError:
        raise UserError(
            "sentence: the package sentence-transformers is not installed; pip install 'recsys[text]'"
        ) from None
    try:
        return SentenceTransformer(model).eval()
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"sentence: model={model!r} cannot be loaded: {reason}; give a folder with a "
            "sentence-transformers model, or a name on its hub that this machine can reach"
        ) from None

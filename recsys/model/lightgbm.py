"""Gradient-boosted trees."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, final

import numpy as np
import torch
from torch import Tensor

from recsys.model import Model
from recsys.nn import masked
from recsys.nn.fields import EMPTY
from recsys.nn.raw_fields import RawFields
from recsys.types import Need, NonNegative, Positive, PositiveInt, Schema, Share, Slate, TrainRows, UserError

CATEGORIES = 2**24
"""Categories are below it, as 32-bit floats hold them."""


@final
class LightGBM(Model[Tensor]):
    """Score = sum of the leaves, one of each tree, that the encoded columns of user, item and moment lead to.

    Ke et al. 2017, "LightGBM: A Highly Efficient Gradient Boosting Decision Tree". It is fitted in one step on
    an epoch of slates, so that sampling decides what the trees see; log q is not read. `binary` is the cross
    entropy of each cell, where every label above 0 is 1; `regression` is the squared error. `lambdarank`
    compares the candidates of a row (Burges 2010, "From RankNet to LambdaRank to LambdaMART: An Overview"),
    whose labels are grades of 0 to 30 with gain 2^grade - 1. Categories are split by LightGBM itself, which
    leaves out the rarest of many.

    Args:
        trees: how many.
        learning_rate: factor of each.
        leaves: the most of a tree.
        min_rows: the fewest cells of a leaf.
        l2: ridge on the leaves' values.
        column_share, row_share: drawn anew for each tree; None for all.
    """

    fits = True
    samples = True
    gives = frozenset({"model.context", "model.moments", "model.cross"})

    @classmethod
    def needs_with(cls, arguments: Mapping[str, Any]) -> Collection[Need]:
        """Labels that the objective can read, and rows to compare."""
        objective = arguments.get("objective", "binary")
        instead = ("label.grades", "sampling.classes")
        classes = Need("label.classes", f"objective={objective} reads no amounts", instead=instead)
        row = Need("sampling.row", "objective=lambdarank compares the candidates of a row")
        return {"binary": (classes,), "lambdarank": (classes, row)}.get(objective, ())

    def __init__(
        self,
        schema: Schema,
        train: TrainRows,
        *,
        objective: Literal["binary", "regression", "lambdarank"] = "binary",
        trees: PositiveInt = 200,
        learning_rate: Positive = 0.1,
        leaves: PositiveInt = 31,
        min_rows: PositiveInt = 20,
        l2: NonNegative = 0.0,
        column_share: Share | None = None,
        row_share: Share | None = None,
    ) -> None:
        super().__init__()
        if not schema.fields:
            raise UserError("model=lightgbm needs an encoded column; drop fewer")
        self.objective, self.trees = objective, trees
        self.settings: dict[str, Any] = {
            "learning_rate": learning_rate,
            "num_leaves": leaves,
            "min_data_in_leaf": min_rows,
            "lambda_l2": l2,
            "feature_fraction": column_share or 1.0,
            "bagging_fraction": row_share or 1.0,
            "bagging_freq": int(row_share is not None),
        }

        def side(name: str) -> RawFields:
            return RawFields([field for field in schema.fields if field.side == name], train)

        self.user, self.context, self.item, self.cross = map(side, ("user", "context", "item", "cross"))
        self.cell_width = 4 * sum(part.width for part in (self.user, self.context, self.item, self.cross))
        self.booster: Any = None

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's columns, `[B, F_q]`."""
        return torch.cat([self.user(slate.user), self.context(slate.user, slate.context)], -1)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' columns, `[..., F_i]`."""
        return self.item(items, features)

    def columns(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """What the trees read of each pair, `[B, C, F]`: columns of user, context, item and both together."""
        shape = (len(users), items.shape[-2])
        cross = self.cross(torch.zeros(shape, dtype=torch.int64, device=users.device), features)
        return torch.cat([users[:, None].expand(*shape, -1), items.expand(*shape, -1), cross], -1)

    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """Raw scores `[B, C]`; with objective=binary they are logits."""
        columns = self.columns(users, items, features)
        flat = columns.flatten(0, 1).cpu().numpy()
        raw = self.booster.predict(flat, raw_score=True, num_threads=torch.get_num_threads())
        return torch.from_numpy(raw).to(columns).view(columns.shape[:2])

    def fit_slates(self, slates: Sequence[Slate]) -> None:
        """Grow the trees; the draws come from torch's generator.

        Raises:
            UserError: LightGBM is not installed or cannot use the labels, or a category's number is too large.
        """
        library = _library()
        first = slates[0]
        names = self._categories(first)
        cells = [masked.counting(slate) for slate in slates]

        def gathered(of: Callable[[Slate], Tensor]) -> Tensor:
            return torch.cat([of(slate)[counts] for slate, counts in zip(slates, cells, strict=True)]).cpu()

        columns, labels = gathered(self._of), gathered(lambda slate: slate.labels)
        weights = gathered(masked.weight) if first.weights is not None else None
        self._refuse_large(columns, names)
        sizes = torch.cat([counts.sum(1) for counts in cells]).cpu()
        groups = sizes[sizes > 0].numpy() if self.objective == "lambdarank" else None
        data = library.Dataset(
            columns.numpy(),
            label=(labels > 0).numpy() if self.objective == "binary" else labels.numpy(),
            weight=None if weights is None else weights.numpy(),
            group=groups,
            categorical_feature=[place for place, name in enumerate(names) if name is not None],
        )
        try:
            self.booster = library.train(self._settings(), data, num_boost_round=self.trees)
        except library.basic.LightGBMError as error:
            raise UserError(f"model=lightgbm: {error}") from None

    def _of(self, slate: Slate) -> Tensor:
        items = self.encode_items(slate.items, slate.features)
        return self.columns(self.encode_users(slate), items, slate.features)

    def _categories(self, slate: Slate) -> list[str | None]:
        """For each column the name of what it is a category of, or None."""
        sides = (
            self.user.categories(slate.user),
            self.context.categories(slate.user, slate.context),
            self.item.categories(slate.items, slate.features),
            self.cross.categories(slate.items, slate.features),
        )
        return [name for side in sides for name in side]

    def _refuse_large(self, columns: Tensor, names: Sequence[str | None]) -> None:
        for place, name in enumerate(names):
            if name is not None and bool((columns[:, place] >= CATEGORIES).any()):
                raise UserError(
                    f"model=lightgbm: {name} is encoded as numbers that are too large for categories; choose "
                    f"encoders.columns.{name}=embedding, hashed or drop"
                )

    def _settings(self) -> dict[str, Any]:
        seed = int(torch.randint(2**31 - 1, ()))
        threads = torch.get_num_threads()
        fixed = {"deterministic": True, "force_row_wise": True, "verbosity": -1}
        return {"objective": self.objective, "seed": seed, "num_threads": threads, **fixed, **self.settings}

    def get_extra_state(self) -> Tensor:
        """The trees as LightGBM's text, `[bytes]` uint8; empty before they are fitted."""
        text = "" if self.booster is None else self.booster.model_to_string()
        return torch.from_numpy(np.frombuffer(text.encode(), dtype=np.uint8).copy())

    def set_extra_state(self, state: Tensor) -> None:
        """Take over trees from their text."""
        text = state.cpu().numpy().tobytes().decode()
        self.booster = _library().Booster(model_str=text) if text else None


def _library() -> Any:
    """LightGBM.

    Raises:
        UserError: it is not installed.
    """
    try:
        import lightgbm
    except ImportError:
        raise UserError(
            "model=lightgbm: the package lightgbm is not installed; pip install 'recsys[trees]'"
        ) from None
    return lightgbm

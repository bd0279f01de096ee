"""Measuring a model: over all queries and labelled rows block by block."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, final

import torch
from torch import Tensor

from recsys.model import DualEncoder, Model
from recsys.train.evaluator import HERE, Evaluator
from recsys.train.labelled import Labelled
from recsys.train.lists import Lists
from recsys.train.measure import predict, score
from recsys.types import HoldoutRows, Measurement, Queries, Slate, UserError


@final
class Pass:
    """One measuring of one model on one part.

    Args:
        part: `valid` or `test`.
        details: with slices, intervals and lists, not the values alone.
        calibrate: from logits to logits of calibrated probabilities.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        part: str,
        model: Model[Any],
        device: torch.device,
        *,
        details: bool,
        calibrate: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.evaluator, self.part, self.model = evaluator, part, model
        self.n_items = evaluator.encoded.schema.n_items
        self.catalogue: Any = None
        self.vectors: dict[str, Tensor] = {}
        facts = evaluator.facts
        if evaluator.lists:
            items = torch.arange(self.n_items, device=device)
            if not self._paired:
                self.catalogue = model.encode_items(items, self._of_items(items))
            if isinstance(model, DualEncoder) and self.catalogue is not None:
                facts = replace(facts, vectors=self.catalogue.detach().to(HERE))
                if evaluator.protocol.vectors:
                    self._write_vectors(items)
        groups = evaluator.groups(part) if details else []
        self.lists = Lists(evaluator, facts, groups, details=details)
        self.labelled = Labelled(evaluator, part, groups, details=details, calibrate=calibrate)

    def _write_vectors(self, items: Tensor) -> None:
        """Keep the towers' vectors of everybody and everything.

        Raises:
            UserError: the user's depends on the moment.
        """
        users = torch.arange(self.evaluator.encoded.schema.n_users, device=items.device)
        blank = torch.zeros(len(users), 1, device=items.device)
        try:
            vectors = self.model.encode_users(Slate(users, items[:1], blank, blank > 0))
        except KeyError as error:
            raise UserError(
                f"eval.vectors=true: the user's vector depends on the context ({error}), and so on the moment; "
                f"drop it with encoders.columns.{str(error).strip(chr(39))}=drop, or, if the model cannot do "
                "without it, write eval.vectors=false"
            ) from None
        self.vectors = {"user": vectors.to(HERE), "item": self.catalogue.to(HERE)}

    @property
    def _paired(self) -> bool:
        """Whether every pair of a query and a candidate has features of its own."""
        moments = self.evaluator.moments
        return moments.has("cross") or (moments.has("item") and not isinstance(self.model, DualEncoder))

    def _of_items(self, items: Tensor) -> dict[str, Tensor]:
        """The catalogue's features at the part's first second: what an index knows that was built before it."""
        time = self.evaluator.holdout(self.part).time
        first = None if time is None else time.min().to(items.device).expand(len(items))
        return self.evaluator.moments.ask("item", None, items, first)

    def see(self, block: Queries | HoldoutRows) -> None:
        """Score and measure one block of queries, or score one of labelled rows."""
        moments = self.evaluator.moments
        if isinstance(block, HoldoutRows):
            self.labelled.see(predict(self.model, block, moments))
        else:
            self.lists.see(block, score(self.model, block, self.catalogue, self.n_items, moments))

    def conclude(self) -> dict[str, Measurement]:
        """All values by family.

        Raises:
            UserError: there was nothing to measure.
        """
        measured = {**self.lists.conclude(), **self.labelled.conclude()}
        return {name: measured[name] for name in self.evaluator.metrics}


def measure_all(measuring: Pass, blocks: Iterable[Any]) -> dict[str, Measurement]:
    """See every block, then conclude."""
    for block in blocks:
        measuring.see(block)
    return measuring.conclude()

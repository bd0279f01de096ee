"""Several tasks over experts of their own and experts that they share, in layers."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from torch import Tensor, nn

from recsys.model import MultiTask, Ranker
from recsys.nn.experts import Heads
from recsys.nn.extraction import Extraction
from recsys.types import Fraction, PositiveInt, Schema, UserError


@final
class PLE(MultiTask[Any]):
    """Customised gate control in layers: each task mixes its own experts with the shared ones.

    Tang et al. 2020, "Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for Personalized
    Recommendations", eq. 2-8: in each layer task t gets g_t(x_t) over its own experts (of x_t) and the shared
    ones (of x_s), and the shared part gets g_s(x_s) over all of them; the first layer's x_t and x_s are the
    tower's vector.

    Args:
        tower: the ranking model whose vector of the pair all tasks read; its own score is not used.
        layers: of extraction.
        own: experts of each task in a layer.
        shared: experts of all tasks in a layer.
        hidden: widths of each expert's layers.
        head: widths of the hidden layers of each task's own tower.
        dropout: share of hidden units left out in training.
        value: weights of the tasks in what is ranked by, see `MultiTask`; none ranks by the first task.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        tower: Ranker[Any],
        layers: PositiveInt = 2,
        own: PositiveInt = 2,
        shared: PositiveInt = 2,
        hidden: Sequence[PositiveInt] = (64,),
        head: Sequence[PositiveInt] = (32,),
        dropout: Fraction = 0.0,
        value: Mapping[str, float] | None = None,
    ) -> None:
        if not hidden:
            raise UserError("model.hidden: ple needs at least one layer an expert, for example [64]")
        super().__init__(tower, schema.tasks, value)
        number = max(1, len(schema.tasks))
        widths = [tower.width, *[hidden[-1]] * (layers - 1)]
        found = [
            Extraction(number, width, hidden, own=own, shared=shared, dropout=dropout, last=at + 1 == layers)
            for at, width in enumerate(widths)
        ]
        self.layers = nn.ModuleList(found)
        self.heads = Heads(number, hidden[-1], head, dropout)
        self.cell_width = max(tower.cell_width, tower.width, (number * own + shared) * hidden[-1])

    def predict(self, pairs: Tensor) -> Tensor:
        """A logit or an amount for each task, `[B, C, T]`."""
        tasks, shared = [pairs] * len(self.heads.towers), pairs
        for layer in self.layers:
            tasks, shared = layer(tasks, shared)
        return self.heads(tasks)

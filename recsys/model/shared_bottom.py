"""Several tasks over one shared network."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from torch import Tensor

from recsys.model import MultiTask, Ranker
from recsys.nn.experts import Heads
from recsys.nn.mlp import MLP
from recsys.types import Fraction, PositiveInt, Schema


@final
class SharedBottom(MultiTask[Any]):
    """Prediction of task t = head_t(bottom(x)), x the tower's vector of the pair.

    Caruana 1997, "Multitask Learning", fig. 2; the baseline of Ma et al. 2018, fig. 1 a.

    Args:
        tower: the ranking model whose vector of the pair all tasks read; its own score is not used.
        bottom: widths of the layers that all tasks share.
        head: widths of the hidden layers of each task's own tower.
        dropout: share of hidden units left out in training.
        value: weights of the tasks in what is ranked by, see `MultiTask`; none ranks by the first task.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        tower: Ranker[Any],
        bottom: Sequence[PositiveInt] = (64,),
        head: Sequence[PositiveInt] = (32,),
        dropout: Fraction = 0.0,
        value: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(tower, schema.tasks, value)
        number = max(1, len(schema.tasks))
        self.bottom = MLP(tower.width, bottom, dropout=dropout)
        self.heads = Heads(number, self.bottom.width, head, dropout)
        self.cell_width = max(tower.cell_width, tower.width, self.bottom.width)

    def predict(self, pairs: Tensor) -> Tensor:
        """A logit or an amount for each task, `[B, C, T]`."""
        shared = self.bottom(pairs)
        return self.heads([shared] * len(self.heads.towers))

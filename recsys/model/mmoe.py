"""Several tasks over experts that each task mixes by its own gate."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from torch import Tensor, nn

from recsys.model import MultiTask, Ranker
from recsys.nn.experts import Experts, Gate, Heads
from recsys.types import Fraction, PositiveInt, Schema, UserError


@final
class MMoE(MultiTask[Any]):
    """Prediction of task t = head_t(sum_i g_ti(x) expert_i(x)), x the tower's vector of the pair.

    Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts",
    eq. 5-7.

    Args:
        tower: the ranking model whose vector of the pair all tasks read; its own score is not used.
        experts: number of experts.
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
        experts: PositiveInt = 4,
        hidden: Sequence[PositiveInt] = (64,),
        head: Sequence[PositiveInt] = (32,),
        dropout: Fraction = 0.0,
        value: Mapping[str, float] | None = None,
    ) -> None:
        if not hidden:
            raise UserError("model.hidden: mmoe needs at least one layer an expert, for example [64]")
        super().__init__(tower, schema.tasks, value)
        number = max(1, len(schema.tasks))
        self.experts = Experts(experts, tower.width, hidden, dropout)
        self.gates = nn.ModuleList([Gate(tower.width, experts) for _ in range(number)])
        self.heads = Heads(number, self.experts.width, head, dropout)
        self.cell_width = max(tower.cell_width, tower.width, experts * self.experts.width)

    def predict(self, pairs: Tensor) -> Tensor:
        """A logit or an amount for each task, `[B, C, T]`."""
        experts = self.experts(pairs)
        return self.heads([gate(pairs, experts) for gate in self.gates])

"""The other rows' positives as negatives."""

from typing import final

import torch
from torch import Tensor

from recsys.ops import csr, weighing
from recsys.sampling import Sampler
from recsys.types import Counts, Csr, Graph, Need, Slate, TrainRows


@final
class InBatch(Sampler):
    """All rows share the batch's items as candidates; a row's own is its positive, the others its negatives.

    log q = log(count of the item / positive rows), the chance that a row of the batch brings the item: Yi et
    al. 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations", sec. 4.

    Args:
        exclude_positives: other candidates that are training positives of the row's user do not count; False
            leaves out only those that are the row's own item once more.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("model.towers", "it scores every user of the batch with every item of the batch"),
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(self, counts: Counts, graph: Graph, *, exclude_positives: bool = True) -> None:
        super().__init__()
        self.exclude_positives = exclude_positives
        share = counts.items.double() / max(counts.positives, 1)
        self.register_buffer("log_share", share.log().float(), persistent=False)
        self.register_buffer("ptr", graph.user_items.ptr, persistent=False)
        self.register_buffer("idx", graph.user_items.idx, persistent=False)
        self.log_share: Tensor
        self.ptr: Tensor
        self.idx: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate with items `[B]`, and labels and mask `[B, B]`."""
        own = torch.eye(len(batch.user), device=batch.user.device)
        return Slate(
            user=batch.user,
            items=batch.item,
            labels=own,
            mask=(~self._positives(batch)).fill_diagonal_(True),
            weights=weighing.cells(batch, own > 0),
            log_q=self.log_share[batch.item],
            time=batch.time,
            context=batch.context,
        )

    def _positives(self, batch: TrainRows) -> Tensor:
        """Which candidates are positives of each row's user, `[B, B]` bool.

        The users' lists are matched with the batch's distinct items, and those spread over their columns.
        """
        distinct, column = torch.unique(batch.item, return_inverse=True)
        taken = torch.zeros(len(batch.user), len(distinct), dtype=torch.bool, device=column.device)
        taken[torch.arange(len(column), device=column.device), column] = True
        if self.exclude_positives:
            lists = csr.take(Csr(ptr=self.ptr, idx=self.idx), batch.user)
            place = torch.searchsorted(distinct, lists.idx).clamp_max_(len(distinct) - 1)
            found = distinct[place] == lists.idx
            taken[csr.rows_of(lists)[found], place[found]] = True
        return taken[:, column]

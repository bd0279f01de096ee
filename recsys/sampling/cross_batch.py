"""The positives of this batch's other rows and of earlier batches' rows as negatives."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import sharing
from recsys.sampling import Sampler
from recsys.types import Counts, Graph, Need, PositiveInt, Slate, TrainRows


@final
class CrossBatch(Sampler):
    """All rows share the batch's items and a queue of the items that earlier batches brought, the latest first.

    Wang et al. 2021, "Cross-Batch Negative Sampling for Training Two-Tower Recommenders". There the queue holds
    vectors, which grow stale while the item tower goes on learning, so that it needs a warm-up. Here it
    holds the items themselves, which are encoded anew with today's weights: nothing is stale, gradients reach
    them, and what it saves is the users of a batch as large as batch and queue together.

    log q = log(count of the item / positive rows), as in one batch. The queue lies in the checkpoint, so that
    a run that is resumed meets what it would have met.

    Args:
        queue: how many items of earlier batches are kept.
        exclude_positives: other candidates that are training positives of the row's user do not count; False
            leaves out only those that are the row's own item once more.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("model.towers", "it scores every user of the batch with every item of many batches"),
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(
        self, counts: Counts, graph: Graph, *, queue: PositiveInt = 2048, exclude_positives: bool = True
    ) -> None:
        super().__init__()
        self.exclude_positives = exclude_positives
        share = counts.items.double() / max(counts.positives, 1)
        self.register_buffer("queue", torch.zeros(queue, dtype=torch.int64))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))
        self.register_buffer("log_share", share.log().float(), persistent=False)
        self.taken = Links(graph.user_items)
        self.queue: Tensor
        self.filled: Tensor
        self.log_share: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate with items `[B + Q]`, and labels and mask `[B, B + Q]`; the batch joins the queue of Q."""
        queued = self.queue[: int(self.filled)]
        both = torch.cat([batch.item, queued])
        taken = self.taken.csr if self.exclude_positives else None
        slate = sharing.slate(batch, queued, taken, self.log_share[both])
        kept = both[: len(self.queue)]
        self.queue[: len(kept)] = kept
        self.filled.fill_(len(kept))
        return slate

"""The other rows' positives as negatives."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import sharing
from recsys.sampling import Sampler
from recsys.types import Counts, Graph, Need, Slate, TrainRows


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
        self.taken = Links(graph.user_items)
        self.log_share: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate with items `[B]`, and labels and mask `[B, B]`."""
        taken = self.taken.csr if self.exclude_positives else None
        return sharing.slate(batch, batch.item[:0], taken, self.log_share[batch.item])

"""The other rows' positives and uniformly drawn items, for all rows."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import sharing
from recsys.sampling import Sampler
from recsys.types import Counts, Graph, Need, PositiveInt, Schema, Slate, TrainRows


@final
class Mixed(Sampler):
    """All rows share the batch's items and M items drawn uniformly from the catalogue with replacement.

    Yang et al. 2020, "Mixed Negative Sampling for Learning Two-tower Neural Networks in Recommendations",
    sec. 3.3: so items that few or no rows bring are met as negatives too. A candidate taken at random is one of
    the batch with probability B / (B + M), and

        q = B / (B + M) · count of the item / positive rows + M / (B + M) / items

    whichever of the two it came from.

    Args:
        uniform: M, shared by the batch.
        exclude_positives: other candidates that are training positives of the row's user do not count; False
            leaves out only those that are the row's own item once more.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("model.towers", "it scores every user of the batch with every item of the batch"),
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(
        self,
        schema: Schema,
        counts: Counts,
        graph: Graph,
        *,
        uniform: PositiveInt = 256,
        exclude_positives: bool = True,
    ) -> None:
        super().__init__()
        self.uniform, self.n_items, self.exclude_positives = uniform, schema.n_items, exclude_positives
        self.register_buffer("share", counts.items.double() / max(counts.positives, 1), persistent=False)
        self.taken = Links(graph.user_items)
        self.share: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate with items `[B + M]`, and labels and mask `[B, B + M]`."""
        drawn = torch.randint(self.n_items, (self.uniform,), generator=generator, device=generator.device)
        taken = self.taken.csr if self.exclude_positives else None
        return sharing.slate(batch, drawn, taken, self._log_q(torch.cat([batch.item, drawn]), len(batch.item)))

    def _log_q(self, items: Tensor, size: int) -> Tensor:
        """Of the mixture, `[B + M]`.

        Args:
            size: B.
        """
        rows = size / (size + self.uniform)
        return (rows * self.share[items] + (1 - rows) / self.n_items).log().float()

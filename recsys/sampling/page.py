"""What was shown together, in one row."""

from typing import final

import torch
from torch import Tensor

from recsys.ops import csr, pages, rows
from recsys.sampling import Sampler
from recsys.types import Need, Slate, TrainRows


@final
class Page(Sampler):
    """The candidates of a row are the rows of one page, with their own labels: one user at one second.

    Without time a page is all rows of a user, which of judged queries (data=mq2008) is the query. Batches are
    made of whole pages, about `batch_size` rows each. Nothing is drawn, so there is no log q. Shorter pages are
    filled up under the mask; columns are in the order of the log. The query's context is that of the page's
    first row, so that a context column that differs within a page (a position) is read from there for all.
    Losses that compare candidates with each other take time by pages x (longest page)².
    """

    needs = (Need("label.negatives", "it adds no negatives to those that were shown"),)
    gives = frozenset({"sampling.row", "sampling.both"})
    rows = "page"

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[Q, C]` for a batch of Q pages, the longest of C rows."""
        page = pages.number(batch)
        of_page = pages.collect(page)
        sizes = csr.lengths(of_page)
        place = torch.arange(len(page), device=page.device) - of_page.ptr[:-1].repeat_interleave(sizes)
        at = page[of_page.idx], place
        shape = (len(sizes), int(sizes.max()))

        def spread(values: Tensor) -> Tensor:
            return values.new_zeros(shape).index_put(at, values[of_page.idx])

        query = rows.select(batch, of_page.idx[of_page.ptr[:-1]])
        return Slate(
            user=query.user,
            items=spread(batch.item),
            labels=spread(batch.label),
            mask=spread(torch.ones_like(batch.item, dtype=torch.bool)),
            weights=None if batch.weight is None else spread(batch.weight),
            time=query.time,
            context=query.context,
        )

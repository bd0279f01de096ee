"""Negatives that the user was shown and did not take up."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.pairs import Pairs
from recsys.ops import drawing
from recsys.sampling import Sampler
from recsys.types import Graph, Need, NonNegativeInt, PositiveInt, Schema, Slate, TrainRows, UserError


@final
class Impressions(Sampler):
    """Beside each positive, items of which the user has rows labelled 0 in training, and none labelled above 0.

    Drawn uniformly with replacement from these rows: with a window from those within so many seconds of the
    positive, and where there are none there, or without a window, from all of hers. So

        log q = log(rows of the item) - log(rows), of the rows that are drawn from

    and the corrected softmax estimates that over the distinct items she was shown, not over the catalogue: such
    a model learns to order what was shown. A user without such a row has no negatives: her positives are in
    the slate under a mask that leaves nothing beside them.

    Args:
        negatives: for each positive.
        window: seconds before and after the positive; 0 is the same second, which in a log of pages is the same
            page; null is all of training.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (Need("label.negatives", "it draws from them"),)

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        train: TrainRows,
        *,
        negatives: PositiveInt = 4,
        window: NonNegativeInt | None = None,
    ) -> None:
        super().__init__()
        if window is not None and train.time is None:
            raise UserError(f"sampling.window={window}: data has no time; write sampling.window=null")
        self.negatives, self.n_items, self.window = negatives, schema.n_items, window
        user, item, time = _shown(train, Pairs(graph.user_items, schema.n_items))
        self.first = int(time.min()) if len(time) else 0
        self.span = int(time.max()) - self.first + 1 if len(time) else 1
        time = time - self.first
        moment, order = (user * self.span + time).sort(stable=True)
        pairs, pair = torch.unique(user * schema.n_items + item, return_inverse=True)
        buffers = {
            "moments": moment,
            "items": item[order],
            "pairs": pairs,
            "showings": (pair * self.span + time).sort().values,
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer, persistent=False)
        self.moments: Tensor
        self.items: Tensor
        self.pairs: Tensor
        self.showings: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""
        low, high = self._window(batch)
        begin, end = self._rows(self.moments, batch.user, low, high)
        low, high = torch.where(end > begin, low, 0), torch.where(end > begin, high, self.span - 1)
        begin, end = self._rows(self.moments, batch.user, low, high)
        size = (end - begin)[:, None]
        if not len(self.items):
            nothing = batch.item[:, None].expand(-1, self.negatives)
            return drawing.beside(batch, nothing, torch.zeros_like(nothing, dtype=torch.bool), size * 0.0)
        shape = (len(batch.user), self.negatives)
        height = torch.rand(shape, dtype=torch.float64, generator=generator, device=generator.device)
        place = begin[:, None] + torch.minimum((height * size).long(), size - 1)
        items = self.items[place.clamp(0, len(self.items) - 1)]
        pair = torch.searchsorted(self.pairs, batch.user[:, None] * self.n_items + items)
        first, last = self._rows(self.showings, pair, low[:, None], high[:, None])
        log_q = (last - first).clamp_min(1).double().log() - size.clamp_min(1).double().log()
        return drawing.beside(batch, items, (size > 0).expand(shape), log_q.float())

    def _window(self, batch: TrainRows) -> tuple[Tensor, Tensor]:
        """First and last second of the rows that are wanted, counted from the first of all, each `[B]`."""
        if self.window is None or batch.time is None:
            return torch.zeros_like(batch.user), torch.full_like(batch.user, self.span - 1)
        low, high = batch.time - self.first - self.window, batch.time - self.first + self.window
        return low.clamp(0, self.span), high.clamp(-1, self.span - 1)

    def _rows(self, keys: Tensor, owner: Tensor, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """Where the owner's rows within these seconds begin and end among the keys."""
        begin = torch.searchsorted(keys, owner * self.span + low)
        return begin, torch.searchsorted(keys, owner * self.span + high, right=True)


def _shown(train: TrainRows, taken: Pairs) -> tuple[Tensor, Tensor, Tensor]:
    """User, item and time of the rows labelled 0 whose pair has no positive row; time 0 where there is none.

    Rows of weight 0 are left out.
    """
    kept = train.label <= 0
    if train.weight is not None:
        kept &= train.weight > 0
    kept[taken.where(train.user, train.item[:, None])] = False
    time = torch.zeros_like(train.user) if train.time is None else train.time
    return train.user[kept], train.item[kept], time[kept]

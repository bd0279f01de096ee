"""Which of many (user, item) pairs are training positives."""

from typing import final

import torch
from torch import Tensor, nn

from recsys.ops import csr
from recsys.types import Csr

CELLS = 8
"""Cells of the table for each pair: one byte each, and as many again until a power of two."""

SPREAD = 2654435761
"""Knuth's multiplier, 2^32 over the golden ratio: it spreads neighbouring numbers."""


@final
class Pairs(nn.Module):
    """A set of pairs that is asked for many pairs at once; exact.

    A Bloom filter (Bloom 1970, "Space/Time Trade-offs in Hash Coding with Allowable Errors") lets nearly all
    pairs go that are not in the set: each pair of the set sets two of the 8 bits of one cell, so that one read
    of one byte tells. What is left, the pairs in the set and a few of a thousand others, is looked up in the
    sorted keys. A module, so that the tables follow the device; they stay out of checkpoints.

    Args:
        links: the items of each user.
        n_items: width of the keys.
    """

    def __init__(self, links: Csr, n_items: int) -> None:
        super().__init__()
        self.n_items = n_items
        size = 1 << max(len(links.idx) * CELLS - 1, 1).bit_length()
        start = (torch.arange(len(links.ptr) - 1) * SPREAD) % size
        self.register_buffer("start", start, persistent=False)
        self.register_buffer("keys", csr.keys(links, n_items), persistent=False)
        self.register_buffer("table", torch.zeros(size, dtype=torch.uint8), persistent=False)
        self.start: Tensor
        self.keys: Tensor
        self.table: Tensor
        cell, bits = (start[csr.rows_of(links)] + links.idx) & (size - 1), _bits(links.idx)
        for value in bits.unique():
            alike = cell[bits == value]
            self.table[alike] |= value

    def where(self, user: Tensor, items: Tensor) -> Tensor:
        """The places of the pairs in the set, among all of them in order, `[K]` int64.

        Args:
            user: `[B]` int64.
            items: `[B, N]` int64, items to be paired with each user.
        """
        cell = (self.start[user][:, None] + items).bitwise_and_(len(self.table) - 1).view(-1)
        found = self.table.index_select(0, cell)
        maybe = found.nonzero().squeeze(1)
        item = items.reshape(-1)[maybe]
        bits = _bits(item)
        likely = ((found[maybe] & bits) == bits).nonzero().squeeze(1)
        maybe, item = maybe[likely], item[likely]
        inside = csr.contains(self.keys, user[maybe // items.shape[1]] * self.n_items + item)
        return maybe[inside]


def _bits(item: Tensor) -> Tensor:
    """The two bits of a cell that an item sets, uint8."""
    number = item * SPREAD >> 16
    first = number & 7
    second = (first + 1 + (number >> 3) % 7) & 7
    one = torch.ones_like(item)
    return ((one << first) | (one << second)).to(torch.uint8)

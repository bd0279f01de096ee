"""The one LightningDataModule: batches are slices of prepared tensors."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, final

import pytorch_lightning as pl
import torch

from recsys.ops import csr, pages, queries, rows
from recsys.train.evaluator import Evaluator
from recsys.types import Csr, Encoded, HoldoutRows, Queries, TrainRows, UserError

ROWS_AT_ONCE = 16_384


@final
class Blocks:
    """Held-out queries or rows, cut into blocks."""

    def __init__(self, noun: Queries | HoldoutRows, size: int) -> None:
        self.noun, self.size = noun, size

    def __len__(self) -> int:
        return -(-len(self.noun.user) // self.size)

    def __iter__(self) -> Iterator[Queries | HoldoutRows]:
        for start in range(0, len(self.noun.user), self.size):
            if isinstance(self.noun, Queries):
                yield queries.cut(self.noun, start, start + self.size)
            else:
                yield rows.select(self.noun, slice(start, start + self.size))


@final
class Batches:
    """Training rows in an order that depends on the seed and the epoch alone; the last batch may be short.

    Args:
        size: rows a batch; None for one batch of all rows, in their order.
        epoch: says which epoch begins.
        together: lists of rows that are never parted; a batch then has `size` rows on average.
    """

    def __init__(
        self,
        train: TrainRows,
        size: int | None,
        seed: int,
        epoch: Callable[[], int],
        together: Csr | None = None,
    ) -> None:
        self.train, self.size, self.seed, self.epoch = train, size, seed, epoch
        self.together = together
        self.units = len(train.user) if together is None else len(together.ptr) - 1
        self.step = 1 if size is None else max(1, size * self.units // max(len(train.user), 1))

    def __len__(self) -> int:
        return 1 if self.size is None else -(-self.units // self.step)

    def __iter__(self) -> Iterator[TrainRows]:
        if self.size is None:
            yield self.train
            return
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch())
        order = torch.randperm(self.units, generator=generator).to(self.train.user.device)
        for start in range(0, self.units, self.step):
            units = order[start : start + self.step]
            at = units if self.together is None else csr.take(self.together, units).idx
            yield rows.select(self.train, at)


@final
class Data(pl.LightningDataModule):
    """Hands out prepared data.

    Args:
        draws: the rows that batches are drawn from; None for a model that is fitted in one step.
        evaluator: says which nouns are read, and what is a candidate.
        block: queries scored at once.
    """

    def __init__(
        self,
        encoded: Encoded,
        *,
        draws: Literal["all", "positive", "page"] | None,
        evaluator: Evaluator,
        batch_size: int,
        block: int,
        seed: int,
    ) -> None:
        super().__init__()
        train = encoded.train
        if draws == "positive":
            train = rows.select(train, (train.label > 0).nonzero().squeeze(1))
        together = pages.collect(pages.number(train)) if draws == "page" else None
        self.batches = Batches(train, batch_size if draws else None, seed, self._epoch, together)
        self.encoded, self.evaluator, self.block = encoded, evaluator, block
        self.notes: dict[str, tuple[str, ...]] = {}

    def setup(self, stage: str) -> None:
        """Refuse to fit pages that hold nothing to compare; invented events, which are never fitted, may.

        Raises:
            UserError: no page has two rows.
        """
        together = self.batches.together
        if stage == "fit" and together is not None and int(csr.lengths(together).max()) < 2:
            raise UserError(
                "sampling=page: no two training rows are of one user and one second, so there are no pages; "
                "choose sampling=impressions or uniform, which set others beside each positive"
            )

    def train_dataloader(self) -> Batches:
        """Batches of this epoch."""
        return self.batches

    def _epoch(self) -> int:
        return self.trainer.current_epoch if self.trainer else 0

    def val_dataloader(self) -> list[Blocks]:
        """Blocks of the validation part, those of queries first."""
        return self._blocks("valid", self.encoded.valid, [self.encoded.train])

    def test_dataloader(self) -> list[Blocks]:
        """Blocks of the test part."""
        return self._blocks("test", self.encoded.test, [self.encoded.train, self.encoded.valid])

    def _blocks(self, part: str, holdout: HoldoutRows, before: list[Any]) -> list[Blocks]:
        blocks = []
        if self.evaluator.lists:
            schema, impressions = self.encoded.schema, self.encoded.impressions
            asked = queries.ask(holdout, before, schema, self.evaluator.protocol, impressions=impressions)
            self.notes[part] = asked.notes
            blocks.append(Blocks(asked, self.block))
        if self.evaluator.of_rows:
            blocks.append(Blocks(holdout, ROWS_AT_ONCE))
        if not any(map(len, blocks)):
            raise UserError(
                f"eval: no user of the {part} part has a positive among the candidates, so nothing can be "
                f"measured ({'; '.join(self.notes[part])}); hold out more, or write eval.candidates=all"
            )
        return blocks

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Move every tensor of the noun."""
        return rows.to_device(batch, device)

"""The one LightningModule: it composes the chosen parts and knows none of them by name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from recsys.loss import Loss
from recsys.metrics import Metrics
from recsys.model import Model
from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.train.measure import predict, rank_block
from recsys.types import HoldoutRows, Measurement, Predictions, Queries, Ranking, TrainRows


@final
class Recommender(pl.LightningModule):
    """Trains a model on slates and measures it on held-out rows.

    Args:
        loss, sampler, optimizer: None for a model that is fitted in one step.
        metrics: families by name.
        n_items: size of the catalogue.
        seed: of all that is drawn; step s draws the same whether or not the run was interrupted before it.
        passport: what a checkpoint carries beside weights: config, encoder states, keys. Plain data.
    """

    def __init__(
        self,
        model: Model[Any],
        metrics: Mapping[str, Metrics[Any]],
        *,
        n_items: int,
        seed: int,
        loss: Loss | None = None,
        sampler: Sampler | None = None,
        optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer] | None = None,
        passport: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.model, self.loss, self.sampler = model, loss, sampler
        self.metrics, self.n_items, self.seed = metrics, n_items, seed
        self.optimizer_of, self.passport = optimizer, dict(passport or {})
        self.automatic_optimization = not model.fits
        self.measured: dict[str, dict[str, Measurement]] = {}
        self.generator: torch.Generator | None = None
        self.catalogue: Any = None
        self.blocks: list[Ranking | Predictions] = []
        self.losses: list[Tensor] = []

    def configure_optimizers(self) -> torch.optim.Optimizer | None:
        """The chosen optimizer over the parameters of model and loss."""
        return self.optimizer_of(self.parameters()) if self.optimizer_of else None

    def training_step(self, batch: TrainRows, _: int) -> Tensor | None:
        """One slate's loss, or the whole fit."""
        if self.loss is None or self.sampler is None:
            self.model.fit(batch)
            return None
        self._reseed()
        assert self.generator is not None
        slate = self.sampler(batch, self.generator)
        loss = self.loss(self.model(slate), slate)
        self.losses.append(loss.detach())
        return loss

    def _reseed(self) -> None:
        """Everything drawn in a step depends on the seed and the step alone, so resuming is exact."""
        if self.generator is None or self.generator.device != self.device:
            self.generator = torch.Generator(self.device)
        step = (self.seed * 1_000_003 + self.global_step) % 2**63
        self.generator.manual_seed(step)
        torch.default_generator.manual_seed(step)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(step)

    def on_train_epoch_end(self) -> None:
        """Log the mean loss; a loss that is not a number ends the run."""
        if self.losses:
            mean = torch.stack(self.losses).mean()
            self.losses = []
            self.log("train/loss", mean, prog_bar=True)

    def on_validation_epoch_start(self) -> None:
        """Encode the catalogue once."""
        self.blocks = []
        if any(family.depth for family in self.metrics.values()):
            self.catalogue = self.model.encode_items(torch.arange(self.n_items, device=self.device))

    on_test_epoch_start = on_validation_epoch_start

    def validation_step(self, batch: Queries | HoldoutRows, *_: int) -> None:
        """Score one block of queries or of labelled rows."""
        if isinstance(batch, Queries):
            depth = max(family.depth for family in self.metrics.values())
            self.blocks.append(rank_block(self.model, batch, self.catalogue, self.n_items, depth))
        else:
            self.blocks.append(predict(self.model, batch))

    test_step = validation_step

    def on_validation_epoch_end(self) -> None:
        """Measure and log as `valid/<name>`."""
        self._measure("valid")

    def on_test_epoch_end(self) -> None:
        """Measure and log as `test/<name>`."""
        self._measure("test")

    def _measure(self, part: str) -> None:
        self.compute(part)
        for measurement in self.measured[part].values():
            values = {f"{part}/{name}": value for name, value in measurement.values.items()}
            self.log_dict(values, batch_size=1)

    def rehearse(self, part: str, blocks: Iterable[Queries | HoldoutRows]) -> None:
        """Score and measure without a trainer."""
        self.on_validation_epoch_start()
        for block in blocks:
            self.validation_step(block)
        self.compute(part)

    def compute(self, part: str) -> None:
        """Measure what the blocks have come to."""
        nouns = {
            noun: rows.concatenate([block for block in self.blocks if isinstance(block, noun)])
            for noun in (Ranking, Predictions)
        }
        self.blocks, self.catalogue = [], None
        self.measured[part] = {
            name: family.measure(nouns[family.reads]) for name, family in self.metrics.items()
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the passport."""
        checkpoint["recsys"] = self.passport

"""The one LightningModule: it composes the chosen parts and knows none of them by name."""

from collections.abc import Callable, Mapping
from typing import Any, final

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from recsys.loss import Loss
from recsys.model import Model
from recsys.sampling import Sampler
from recsys.train.clipping import clip
from recsys.train.evaluation import Pass
from recsys.train.evaluator import Evaluator
from recsys.train.scoring import Current
from recsys.train.sharing import share
from recsys.types import HoldoutRows, Measurement, Queries, Scorer, Slate, TrainRows, UserError


@final
class Recommender(pl.LightningModule):
    """Trains a model on slates and measures it on held-out rows.

    Args:
        optimizer: from this module to the optimizer of its parameters.
        loss, sampler, optimizer: None for a model that is fitted in one step; one that samples has a sampler.
        seed: of all that is drawn; a batch draws the same whether or not the run was interrupted before it.
        passport: what a checkpoint carries beside weights: config, encoder states, keys. Plain data.

    Attributes:
        measured: by part and metric family.
        last: the last measuring of each part.
        calibrate: from the test part's logits to logits of calibrated probabilities.
    """

    def __init__(
        self,
        model: Model[Any],
        evaluator: Evaluator,
        *,
        seed: int,
        loss: Loss | None = None,
        sampler: Sampler | None = None,
        optimizer: Callable[[nn.Module], torch.optim.Optimizer] | None = None,
        passport: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.model, self.loss, self.sampler = model, loss, sampler
        self.evaluator, self.seed = evaluator, seed
        self.optimizer_of, self.passport = optimizer, dict(passport or {})
        self.automatic_optimization = not model.fits
        self.measured: dict[str, Mapping[str, Measurement]] = {}
        self.last: dict[str, Pass] = {}
        self.calibrate: Callable[[Tensor], Tensor] | None = None
        self.measuring: Pass | None = None
        self.generator: torch.Generator | None = None
        self.losses: list[Tensor] = []
        self.slates: list[Slate] = []

    def configure_optimizers(self) -> torch.optim.Optimizer | None:
        """The chosen optimizer over the parameters of model and loss."""
        return self.optimizer_of(self) if self.optimizer_of else None

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip gradients, sparse ones too.

        Raises:
            UserError: with scaled gradients (16-mixed) the optimizer unscales them too late.
        """
        if gradient_clip_val is None:
            return
        if getattr(self.trainer.precision_plugin, "scaler", None) is not None:
            raise UserError(
                "trainer.gradient_clip_val: cannot be had with trainer.precision=16-mixed, whose gradients are "
                "scaled; write trainer.precision=bf16-mixed"
            )
        clip(self.parameters(), gradient_clip_val, gradient_clip_algorithm)

    def training_step(self, batch: TrainRows, step: int) -> Tensor | None:
        """One slate's loss and the model's penalty, or the whole fit; the loss alone is logged."""
        if self.model.fits:
            self.fit_at_once(batch, step, last=self.trainer.is_last_batch)
            return None
        assert self.loss is not None
        self._reseed(self._batches_before() + step)
        slate = self._slate(batch, step)
        loss = self.loss(self.model.outputs(slate), slate)
        self.losses.append(loss.detach())
        penalty = self.model.penalty(slate)
        return loss if penalty is None else loss + penalty

    def fit_at_once(self, batch: TrainRows, step: int, *, last: bool) -> None:
        """Fit to the rows, or to the slates of this and all earlier batches once the last one is there."""
        if not self.model.samples:
            self.model.fit(batch)
            return
        self._reseed(step)
        self.slates.append(self._slate(batch, step))
        if last:
            self.model.fit_slates(self.slates)
            self.slates = []

    def _slate(self, batch: TrainRows, step: int) -> Slate:
        """What sampling makes of a batch, with features at its moments, and of that this process's share.

        Shared candidates are asked for at the moments of the whole slate's rows, so it is divided last.
        """
        assert self.sampler is not None
        assert self.generator is not None
        self.sampler.scorer = self.current(step)
        whole = self.evaluator.moments.of_slate(self.sampler(batch, self.generator))
        return share(whole, *self._place())

    def _batches_before(self) -> int:
        """Batches of the epochs before this one."""
        return self.current_epoch * int(self.trainer.num_training_batches) if self._trainer else 0

    def _place(self) -> tuple[int, int]:
        """Which of how many processes this is."""
        return (self.trainer.global_rank, self.trainer.world_size) if self._trainer else (0, 1)

    def current(self, step: int) -> Scorer:
        """The model as it is, for a sampler; `step` of the epoch."""
        facts, n_items = self.evaluator.facts, self.evaluator.encoded.schema.n_items
        return Current(self.model, self.evaluator.moments, n_items=n_items, cutoff=facts.cutoff, step=step)

    def _reseed(self, at: int) -> None:
        """Everything drawn for a batch depends on the seed and its number alone, so resuming is exact.

        Args:
            at: of the batch, counted over all epochs.
        """
        if self.generator is None or self.generator.device != self.device:
            self.generator = torch.Generator(self.device)
        step = (self.seed * 1_000_003 + at) % 2**63
        self.generator.manual_seed(step)
        # What is drawn for the slate is the same in all processes; what the model draws is each one's own.
        own = (step + 999_983 * self.global_rank) % 2**63
        torch.default_generator.manual_seed(own)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(own)

    def on_train_epoch_end(self) -> None:
        """Log the mean loss; a loss that is not a number ends the run."""
        if self.losses:
            mean = torch.stack(self.losses).mean()
            self.losses = []
            self.log("train/loss", mean, prog_bar=True, sync_dist=True)

    def on_validation_epoch_start(self) -> None:
        """Begin to measure the validation part."""
        self.measuring = self.start("valid")

    def on_test_epoch_start(self) -> None:
        """Begin to measure the test part, in detail."""
        self.measuring = self.start("test")

    def start(self, part: str) -> Pass:
        """A measuring of the model as it is; slices, intervals and calibration on the test part alone."""
        final = part == "test"
        calibrate = self.calibrate if final else None
        with torch.no_grad():
            return Pass(self.evaluator, part, self.model, self.device, details=final, calibrate=calibrate)

    def validation_step(self, batch: Queries | HoldoutRows, *_: int) -> None:
        """Score and measure one block of queries or of labelled rows."""
        assert self.measuring is not None
        self.measuring.see(batch)

    test_step = validation_step

    def on_validation_epoch_end(self) -> None:
        """Measure and log as `valid/<name>`."""
        self._conclude("valid")

    def on_test_epoch_end(self) -> None:
        """Measure and log as `test/<name>`."""
        self._conclude("test")

    def _conclude(self, part: str) -> None:
        assert self.measuring is not None
        self.last[part], self.measuring = self.measuring, None
        self.measured[part] = self.last[part].conclude()
        for measurement in self.measured[part].values():
            values = {f"{part}/{name}": value for name, value in measurement.values.items()}
            self.log_dict(values, batch_size=1, sync_dist=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the passport."""
        checkpoint["recsys"] = self.passport

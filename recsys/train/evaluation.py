"""Measuring a model: over all queries block by block, then in slices and with intervals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics, Metrics, RowMetrics
from recsys.model import DualEncoder, Model
from recsys.ops import csr, placing, rows, topk, uncertainty
from recsys.slices import Slicer
from recsys.train.gathering import Stream, shown
from recsys.train.measure import predict, score
from recsys.train.moments import NONE, Moments
from recsys.types import (
    Encoded,
    Facts,
    Groups,
    HoldoutRows,
    Measurement,
    Observed,
    Placement,
    Predictions,
    Protocol,
    Queries,
    Ranking,
    Shown,
    Slate,
    Slice,
    UserError,
)

HERE = torch.device("cpu")
ROWS = ("logit", "label", "user", "item")
WHOLE = (-1, -1)
"""In the place of a group: all relevant items."""


@dataclass(frozen=True)
class Evaluator:
    """How models are measured, the same for training, `recsys evaluate` and other systems' predictions.

    Attributes:
        metrics: families by name.
        facts: what metrics and slicers know beside the model.
        slicers: by name.
        moments: the features at a moment.
    """

    metrics: Mapping[str, Metrics]
    protocol: Protocol
    encoded: Encoded
    facts: Facts
    slicers: Mapping[str, Slicer]
    moments: Moments = NONE

    @cached_property
    def lists(self) -> dict[str, ListMetrics[Any]]:
        """The families that read candidates."""
        return {name: family for name, family in self.metrics.items() if isinstance(family, ListMetrics)}

    @cached_property
    def of_rows(self) -> dict[str, RowMetrics]:
        """The families that read labelled rows."""
        return {name: family for name, family in self.metrics.items() if isinstance(family, RowMetrics)}

    @cached_property
    def depth(self) -> int:
        """How many positions of each ranking are read."""
        return max([1, self.protocol.lists, *(family.depth for family in self.lists.values())])

    def holdout(self, part: str) -> HoldoutRows:
        """The rows that are measured."""
        return self.encoded.valid if part == "valid" else self.encoded.test

    def groups(self, part: str) -> list[Groups]:
        """The groups that results are shown for."""
        attributes = self.encoded.attributes.get(part, {})
        return [
            groups
            for slicer in self.slicers.values()
            for groups in slicer.groups(self.facts, self.holdout(part), attributes)
        ]


@final
class Pass:
    """One measuring of one model on one part.

    Args:
        part: `valid` or `test`.
        details: with slices, intervals and lists, not the values alone.
        calibrate: from logits to logits of calibrated probabilities.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        part: str,
        model: Model[Any],
        device: torch.device,
        *,
        details: bool,
        calibrate: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.evaluator, self.part, self.model, self.details = evaluator, part, model, details
        self.calibrate = calibrate
        self.n_items = evaluator.encoded.schema.n_items
        self.groups = evaluator.groups(part) if details else []
        self.item_groups = [
            (place, number, members(groups, number))
            for place, groups in enumerate(self.groups)
            if groups.side == "item"
            for number in range(len(groups.names))
        ]
        self.streams: dict[tuple[type, int, int], Stream] = {}
        self.rows: list[Tensor] = []
        self.users: list[Tensor] = []
        self.shown: list[Shown] = []
        self.blocks: dict[str, list[Predictions]] = {}
        self.catalogue: Any = None
        self.vectors: dict[str, Tensor] = {}
        self.facts = evaluator.facts
        if evaluator.lists:
            items = torch.arange(self.n_items, device=device)
            if not self._paired:
                self.catalogue = model.encode_items(items, self._of_items(items))
            if isinstance(model, DualEncoder) and self.catalogue is not None:
                self.facts = replace(self.facts, vectors=self.catalogue.detach().to(HERE))
                if evaluator.protocol.vectors:
                    self._write_vectors(items)

    def _write_vectors(self, items: Tensor) -> None:
        """Keep the towers' vectors of everybody and everything.

        Raises:
            UserError: the user's depends on the moment.
        """
        users = torch.arange(self.evaluator.encoded.schema.n_users, device=items.device)
        blank = torch.zeros(len(users), 1, device=items.device)
        try:
            vectors = self.model.encode_users(Slate(users, items[:1], blank, blank > 0))
        except KeyError as error:
            raise UserError(
                f"eval.vectors=true: the user's vector depends on the context ({error}), and so on the moment; "
                f"drop it with encoders.columns.{str(error).strip(chr(39))}=drop"
            ) from None
        self.vectors = {"user": vectors.to(HERE), "item": self.catalogue.to(HERE)}

    @property
    def _paired(self) -> bool:
        """Whether every pair of a query and a candidate has features of its own."""
        moments = self.evaluator.moments
        return moments.has("cross") or (moments.has("item") and not isinstance(self.model, DualEncoder))

    def _of_items(self, items: Tensor) -> dict[str, Tensor]:
        """The catalogue's features at the part's first second: what an index knows that was built before it."""
        time = self.evaluator.holdout(self.part).time
        first = None if time is None else time.min().to(items.device).expand(len(items))
        return self.evaluator.moments.ask("item", None, items, first)

    def see(self, block: Queries | HoldoutRows) -> None:
        """Score and measure one block of queries, or score one of labelled rows."""
        moments = self.evaluator.moments
        if isinstance(block, HoldoutRows):
            for task, predicted in predict(self.model, block, moments).items():
                self.blocks.setdefault(task, []).append(rows.to_device(predicted, HERE))
            return
        scored = score(self.model, block, self.catalogue, self.n_items, moments)
        top = topk.best(scored.scores, block.user, self.evaluator.depth, scored.names)
        self.rows.append(block.row.to(HERE))
        self.users.append(block.user.to(HERE))

        def judged(noun: type, kept: Tensor | None) -> Ranking | Placement:
            kept = None if kept is None else kept.to(scored.relevant.idx.device)
            relevant = scored.relevant if kept is None else csr.where(scored.relevant, kept)
            grade = block.grade if kept is None or block.grade is None else block.grade[kept]
            if noun is Placement:
                return placing.place(scored.scores, block.user, relevant, scored.candidates)
            return topk.judge(top, relevant, grade, scored.names)

        self._observe(judged, block.relevant.idx.to(HERE))

    def _observe(self, judged: Callable[[type, Tensor | None], Ranking | Placement], relevant: Tensor) -> None:
        families = self.evaluator.lists.values()
        for noun in {family.reads for family in families} | ({Ranking} if self._listing else set()):
            lists = rows.to_device(judged(noun, None), HERE)
            self._stream(noun, *WHOLE).add(lists)
            if isinstance(lists, Ranking) and self._listing:
                self.shown.append(shown(lists, self.evaluator.protocol.lists))
        for place, number, kept in self._kept(relevant):
            for noun in {family.reads for family in families if family.of_relevance}:
                self._stream(noun, place, number).add(rows.to_device(judged(noun, kept), HERE))

    def _stream(self, noun: type, place: int, number: int) -> Stream:
        """Of a noun, over all relevant items or over those of one group alone."""
        if (noun, place, number) not in self.streams:
            families = {
                name: family
                for name, family in self.evaluator.lists.items()
                if family.reads is noun and (family.of_relevance or (place, number) == WHOLE)
            }
            self.streams[noun, place, number] = Stream(families, self.facts)
        return self.streams[noun, place, number]

    @property
    def _listing(self) -> bool:
        return self.details and self.evaluator.protocol.lists > 0

    def _kept(self, relevant: Tensor) -> Iterator[tuple[int, int, Tensor]]:
        """For each group of items which relevant candidates are in it."""
        for place, number, inside in self.item_groups:
            kept = inside[relevant]
            if bool(kept.any()):
                yield place, number, kept

    def conclude(self) -> dict[str, Measurement]:
        """All values by family.

        Raises:
            UserError: there was nothing to measure.
        """
        evaluator = self.evaluator
        if evaluator.lists and not self.rows:
            raise UserError(
                "metrics: no held-out positive is left to be found among eval.candidates="
                f"{evaluator.protocol.candidates}; choose eval.candidates=all, or another split"
            )
        for stream in self.streams.values():
            stream.observe()
        measured = {name: self._of_lists(name, family) for name, family in evaluator.lists.items()}
        if evaluator.of_rows:
            measured |= {name: self._of_rows(family) for name, family in evaluator.of_rows.items()}
        return {name: measured[name] for name in evaluator.metrics}

    @cached_property
    def predictions(self) -> Predictions:
        """The scores of all labelled rows that have one, calibrated where a calibration was given."""
        logit, label, user, item = (
            torch.cat([getattr(block, name) for block in self.blocks[""]]) for name in ROWS
        )
        attributes = self.evaluator.encoded.attributes.get(self.part, {})
        columns = {name: a.values for name, a in attributes.items() if a.type == "id"}
        ids = {name: values for name, values in columns.items() if isinstance(values, Tensor)}
        kept = (logit > -torch.inf).nonzero().squeeze(1)
        whole = Predictions(logit, label, user, item, ids)
        if len(kept) < len(logit):
            whole = select(whole, kept)
        if self.calibrate is not None:
            whole = replace(whole, logit=self.calibrate(whole.logit.double()))
        return whole

    @cached_property
    def tasks(self) -> dict[str, Predictions]:
        """The scores of the rows that have a label of a further task, by task."""
        return {
            task: replace(blocks[0], **{n: torch.cat([getattr(b, n) for b in blocks]) for n in ROWS})
            for task, blocks in self.blocks.items()
            if task
        }

    def _of_lists(self, name: str, family: ListMetrics[Any]) -> Measurement:
        observed = self._stream(family.reads, *WHOLE).gathered[name].whole()
        measurement = family.conclude(observed, self.facts)
        protocol = self.evaluator.protocol
        slices: list[Slice] = []
        intervals: dict[str, tuple[float, float]] = {}
        if self.details:
            slices = [*self._user_slices(observed), *self._item_slices(name)]
        if self.details and protocol.bootstrap and observed.per_user:
            intervals = uncertainty.intervals(observed.per_user, **self._sampling)
        named = protocol.named
        return replace(
            measurement,
            values={named(key): value for key, value in measurement.values.items()},
            per_user={named(key): value for key, value in measurement.per_user.items()},
            intervals={named(key): value for key, value in intervals.items()},
            slices=tuple(
                replace(one, values={named(key): value for key, value in one.values.items()}) for one in slices
            ),
        )

    def _user_slices(self, observed: Observed) -> Iterator[Slice]:
        """Means over the users of each group, and over the users whose first held-out row is in it."""
        if not observed.per_user:
            return
        row = torch.cat(self.rows)
        for groups in self.groups:
            if groups.side != "item":
                for number in range(len(groups.names)):
                    kept = members(groups, number)[observed.user if groups.side == "user" else row]
                    means = {name: float(values[kept].nanmean()) for name, values in observed.per_user.items()}
                    yield self._slice(groups, number, int(kept.sum()), means)

    @property
    def user(self) -> Tensor:
        """Who was asked for, `[Q]`."""
        return torch.cat(self.users)

    def _item_slices(self, name: str) -> Iterator[Slice]:
        """Means over the users with a relevant item in each group, which alone counts as relevant."""
        for (_, place, number), stream in sorted(self.streams.items(), key=lambda entry: entry[0][1:]):
            if (place, number) != WHOLE and name in stream.gathered:
                observed = stream.gathered[name].whole()
                means = {key: float(values.nanmean()) for key, values in observed.per_user.items()}
                yield self._slice(self.groups[place], number, len(observed.user), means)

    def _of_rows(self, family: RowMetrics) -> Measurement:
        labelled = self.predictions
        measurement = family.measure(labelled)
        of_tasks = {
            f"{task}/{name}": value
            for task, predictions in self.tasks.items()
            for name, value in family.measure(predictions).values.items()
        }
        measurement = replace(measurement, values={**measurement.values, **of_tasks})
        if not self.details:
            return measurement
        intervals = {}
        if self.evaluator.protocol.bootstrap:
            intervals = uncertainty.weighted_interval(
                lambda weights: family.weighted(labelled, weights),
                labelled.user,
                measurement.values,
                **self._sampling,
            )
        return replace(measurement, intervals=intervals, slices=tuple(self._row_slices(family)))

    @property
    def _sampling(self) -> dict[str, Any]:
        """How intervals are drawn."""
        protocol = self.evaluator.protocol
        return {"confidence": protocol.confidence, "samples": protocol.bootstrap, "seed": protocol.seed}

    def _row_slices(self, family: RowMetrics) -> Iterator[Slice]:
        predictions = self.predictions
        count = len(predictions.user)
        places = torch.arange(count) if predictions.row is None else predictions.row
        entity = {"user": predictions.user, "item": predictions.item, "row": places}
        for groups in self.groups:
            for number in range(len(groups.names)):
                kept = members(groups, number)[entity[groups.side]].nonzero().squeeze(1)
                if len(kept):
                    part = select(predictions, kept)
                    ones = torch.ones(1, len(kept), dtype=torch.float64)
                    values = {name: float(value[0]) for name, value in family.weighted(part, ones).items()}
                    yield self._slice(groups, number, len(kept), values)

    def _slice(self, groups: Groups, number: int, size: int, values: Mapping[str, float]) -> Slice:
        small = size < self.evaluator.protocol.min_slice
        return Slice(groups.name, groups.names[number], size, small, values)


def members(groups: Groups, number: int) -> Tensor:
    """Which entities are in a group, bool."""
    if isinstance(groups.of, Tensor):
        return groups.of == number
    count = len(groups.of.ptr) - 1
    inside = csr.rows_of(groups.of)[groups.of.idx == number]
    return torch.zeros(count, dtype=torch.bool).index_fill_(0, inside, True)


def select(predictions: Predictions, at: Tensor) -> Predictions:
    """Some of the rows."""
    return replace(
        predictions,
        logit=predictions.logit[at],
        label=predictions.label[at],
        user=predictions.user[at],
        item=predictions.item[at],
        groups={name: values[at] for name, values in predictions.groups.items()},
        row=at if predictions.row is None else predictions.row[at],
    )


def measure_all(measuring: Pass, blocks: Iterable[Any]) -> dict[str, Measurement]:
    """See every block, then conclude."""
    for block in blocks:
        measuring.see(block)
    return measuring.conclude()

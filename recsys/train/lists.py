"""What rankings come to: their metrics, in slices and with intervals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics
from recsys.ops import csr, placing, rows, topk, uncertainty
from recsys.train.evaluator import HERE, Evaluator, members
from recsys.train.gathering import Stream, shown
from recsys.train.measure import Scored
from recsys.types import (
    Facts,
    Groups,
    Measurement,
    Observed,
    Placement,
    Queries,
    Ranking,
    Shown,
    Slice,
    UserError,
)

WHOLE = (-1, -1)
"""In the place of a group: all relevant items."""


@final
class Lists:
    """The rankings of one measuring, block by block.

    Args:
        facts: with the model's vectors, where it has some.
        groups: that results are shown for.
        details: with slices, intervals and lists, not the values alone.
    """

    def __init__(self, evaluator: Evaluator, facts: Facts, groups: Sequence[Groups], *, details: bool) -> None:
        self.evaluator, self.facts, self.groups, self.details = evaluator, facts, groups, details
        self.item_groups = [
            (place, number, members(one, number))
            for place, one in enumerate(groups)
            if one.side == "item"
            for number in range(len(one.names))
        ]
        self.streams: dict[tuple[type, int, int], Stream] = {}
        self.rows: list[Tensor] = []
        self.users: list[Tensor] = []
        self.shown: list[Shown] = []

    def see(self, block: Queries, scored: Scored) -> None:
        """Judge a block's rankings."""
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

    @property
    def user(self) -> Tensor:
        """Who was asked for, `[Q]`."""
        return torch.cat(self.users)

    def conclude(self) -> dict[str, Measurement]:
        """All values by family.

        Raises:
            UserError: there was nothing to measure.
        """
        if self.evaluator.lists and not self.rows:
            raise UserError(
                "metrics: no held-out positive is left to be found among eval.candidates="
                f"{self.evaluator.protocol.candidates}; choose eval.candidates=all, or another split"
            )
        for stream in self.streams.values():
            stream.observe()
        return {name: self._measured(name, family) for name, family in self.evaluator.lists.items()}

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

    def _measured(self, name: str, family: ListMetrics[Any]) -> Measurement:
        observed = self._stream(family.reads, *WHOLE).gathered[name].whole()
        measurement = family.conclude(observed, self.facts)
        protocol = self.evaluator.protocol
        slices: list[Slice] = []
        intervals: dict[str, tuple[float, float]] = {}
        if self.details:
            slices = [*self._user_slices(observed), *self._item_slices(name)]
        if self.details and protocol.bootstrap and observed.per_user:
            intervals = uncertainty.intervals(observed.per_user, **self.evaluator.sampling)
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
                    yield self.evaluator.slice(groups, number, int(kept.sum()), means)

    def _item_slices(self, name: str) -> Iterator[Slice]:
        """Means over the users with a relevant item in each group, which alone counts as relevant."""
        for (_, place, number), stream in sorted(self.streams.items(), key=lambda entry: entry[0][1:]):
            if (place, number) != WHOLE and name in stream.gathered:
                observed = stream.gathered[name].whole()
                means = {key: float(values.nanmean()) for key, values in observed.per_user.items()}
                yield self.evaluator.slice(self.groups[place], number, len(observed.user), means)

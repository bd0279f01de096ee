"""Features at a moment, from the command line to the model: what each model takes, and that serving agrees.

Independent source: the log itself, counted by polars for each question.
"""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
import torch

from recsys import flow
from recsys.build import Parts, build
from recsys.cache import read_split, split_once
from recsys.check import refusals
from recsys.commands import main
from recsys.compose import Request, build_config, groups, screen, session
from recsys.types import Slate


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def test_each_model_takes_what_it_has_room_for_or_says_so(workplace: Path) -> None:
    both = ["features=[counters,affinity]"]
    assert refusals(parts_of(["model=deepfm", *both])) == []
    (reason,) = refusals(parts_of(["model=two_tower", *both]))
    assert reason.startswith("features=affinity needs room for what is known of a user and an item together")
    assert "features.cross=none leaves them out" in reason
    assert refusals(parts_of(["model=two_tower", *both, "features.cross=none"])) == []
    reasons = refusals(parts_of(["model=mf", "features=[counters]"]))
    assert any("features=counters needs room for what is known of the query's moment" in one for one in reasons)
    columns = "data.columns={user:{u:id},item:{i:id}}"
    timeless = ["data=table", "data.events=log.csv", columns, "split=random", "model=deepfm"]
    (reason,) = refusals(parts_of([*timeless, "features=[counters]", "features.counters.events=[]"]))
    assert "features=counters needs a time for each event" in reason


def test_a_word_for_cross_that_there_is_not_is_refused(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "features.cross=some"]) == 2
    assert "features.cross='some': write all, or none" in capsys.readouterr().err


@pytest.mark.parametrize("model", ["deepfm", "two_tower"])
def test_a_run_with_features_is_trained_and_measured_again_alike(
    workplace: Path, tiny: list[str], model: str
) -> None:
    words = [
        *tiny,
        f"model={model}",
        "features=[counters,affinity]",
        "trainer.max_epochs=1",
        "eval.bootstrap=0",
    ]
    words += ["features.cross=none"] if model == "two_tower" else []
    assert main(["train", *words, "hydra.run.dir=run"]) == 0
    assert main(["evaluate", "ckpt=run/checkpoints/best.ckpt"]) == 0
    assert Path("run/evaluations/1/metrics.json").read_text() == Path("run/metrics.json").read_text()


def test_answers_are_counted_from_the_log_before_the_moment(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=deepfm", "features=[counters]", "features.counters.by=[user,item]"]
    parts = parts_of([*words, "features.counters.windows=[1d]"])
    prepared = flow.prepare(parts)
    folder, _ = split_once(parts)
    split = read_split(folder, parts)
    log = pl.concat([part.events.log for part in (split.train, split.valid, split.test)])
    rows = split.test.events.log.head(20)
    user, item, time = (torch.tensor(rows[name].cast(pl.Int64).to_numpy()) for name in ("user", "item", "time"))
    counters, index = prepared.moments.features["counters"], prepared.moments.indexes["counters"]
    raw = {side: counters.answer(index, side, user, item, time) for side in ("user", "item")}
    for place, row in enumerate(rows.iter_rows(named=True)):
        before = log.filter((pl.col("time") < row["time"]) & (pl.col("time") >= row["time"] - 86_400))
        for side in ("user", "item"):
            expected = before.filter(pl.col(side) == row[side]).height
            assert raw[side][f"{side}_count_1d"][place] == expected  # type: ignore[index]


def test_asked_one_at_a_time_every_feature_is_bit_equal(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=deepfm", "features=[counters,recency,affinity,graph]"]
    prepared = flow.prepare(parts_of(words))
    rows, moments = prepared.encoded.test, prepared.moments
    n = 12
    items = torch.stack([rows.item[:n], (rows.item[:n] + 7) % prepared.encoded.schema.n_items], 1)
    blank = torch.zeros(n, 2)
    assert rows.time is not None
    together = moments.of_slate(Slate(rows.user[:n], items, blank, blank > 0, time=rows.time[:n]))
    for at in range(n):
        one = slice(at, at + 1)
        for place in range(2):
            cell = blank[one, :1]
            alone = Slate(rows.user[one], items[one, place : place + 1], cell, cell > 0, time=rows.time[one])
            served = moments.of_slate(alone)
            for name, values in served.context.items():
                assert torch.equal(values[0], together.context[name][at])
            for name, values in served.features.items():
                assert torch.equal(values[0, 0], together.features[name][at, place])


def test_catalogue_of_two_towers_is_as_known_before_the_part_began(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=two_tower", "features=[counters]", "features.counters.by=[item]"]
    parts = parts_of([*words, "features.counters.windows=[all]"])
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    recommender.eval()
    measuring = recommender.start("test")
    assert prepared.encoded.test.time is not None
    first = prepared.encoded.test.time.min()
    items = torch.arange(prepared.encoded.schema.n_items)
    asked = prepared.moments.ask("item", None, items, first.expand(len(items)))
    with torch.no_grad():
        expected = recommender.model.encode_items(items, asked)
    assert torch.equal(measuring.catalogue, expected)


def test_a_prepared_run_depends_on_its_features(workplace: Path, tiny: list[str]) -> None:
    without, with_ = parts_of([*tiny, "model=deepfm"]), parts_of([*tiny, "model=deepfm", "features=[counters]"])
    assert flow.prepare(replace(without)).moments.encodings == ()
    assert flow.prepare(with_).moments.has("item")


def test_features_that_need_no_time_are_asked_of_a_source_without_time(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six groups, all linked within and none without: who shares most is who is held out."""
    monkeypatch.setenv("RECSYS_DATA", str(workplace))
    links = [(a, b) for a, b in combinations(range(48), 2) if a // 8 == b // 8]
    Path("lastfm").mkdir()
    Path("lastfm/trustnetwork.txt").write_text("".join(f"{a}\t{b}\n" for a, b in links))
    for name in ("data1.txt", "test1.txt"):
        Path("lastfm", name).write_text("".join(f"{n}\t1\t1\n" for n in range(48)))
    words = ["data=lastfm_friends", "split=links", "label=all_positive", "model=logistic_regression"]
    words += ["features=[social]", "encoders/id=drop", "encoders/categories=drop", "trainer.max_epochs=20"]
    words += ["optimizer.lr=1e-1", "batch_size=32", "metrics=ranking", "eval.bootstrap=0"]
    assert main(["train", *words, "hydra.run.dir=run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["test"]["recall@10"] == 1
    assert main(["evaluate", "ckpt=run/checkpoints/best.ckpt"]) == 0
    assert json.loads(Path("run/evaluations/1/metrics.json").read_text()) == metrics

"""Preparations and labels in whole runs: held-out rows as they are without, and no raw id in any file.

Independent sources: the tensors of a run without preparations; the bytes of every file written.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from recsys import flow
from recsys.build import Parts, build
from recsys.commands import main
from recsys.compose import Request, build_config, groups, screen, session
from recsys.types import Encoded, Rows, UserError

TRAIN_ONLY = "preparation=[popularity_cap,reweight]"
OPTIONS = ["preparation.popularity_cap.share=0.05", "preparation.reweight.column=country"]


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def encoded(words: list[str]) -> Encoded:
    return flow.prepare(parts_of(words)).encoded


def tensors(rows: Rows) -> dict[str, torch.Tensor | None]:
    plain = {name: getattr(rows, name) for name in ("user", "item", "label", "time", "weight")}
    return plain | {f"context.{name}": values for name, values in rows.context.items()}


def same(one: Rows, other: Rows, *, but: str = "") -> bool:
    first, second = tensors(one), tensors(other)
    return first.keys() == second.keys() and all(
        (a is None and b is None) or (a is not None and b is not None and torch.equal(a, b))
        for name, (a, b) in ((name, (first[name], second[name])) for name in first if name != but)
    )


def test_valid_and_test_are_the_same_with_and_without_what_touches_train_alone(
    workplace: Path, tiny: list[str]
) -> None:
    plain, prepared = encoded(tiny), encoded([*tiny, TRAIN_ONLY, *OPTIONS])
    for part in ("valid", "test"):
        one, other = getattr(plain, part), getattr(prepared, part)
        assert same(one, other)
        assert other.weight is None
        assert float(one.label.mean()) == float(other.label.mean())
    assert plain.train.weight is None
    assert prepared.train.weight is not None
    assert same(plain.train, prepared.train, but="weight")
    assert {float(w) > 0 for w in prepared.train.weight[prepared.train.label > 0]} == {True, False}


def test_the_log_has_the_same_share_of_positives_in_valid_and_test_as_the_source(
    workplace: Path, tiny: list[str]
) -> None:
    parts = parts_of([*tiny, TRAIN_ONLY, *OPTIONS])
    log = parts.data.load().log
    rows = flow.prepare(parts).encoded
    held = pl.DataFrame({"time": torch.cat([rows.valid.time, rows.test.time]).numpy()})  # type: ignore[list-item]
    later = log.filter(pl.col("time") >= held["time"].min())
    assert len(later) == len(held)
    clicked = float(torch.cat([rows.valid.label, rows.test.label]).sum())
    assert clicked == later["click"].sum()


def test_a_capped_item_weighs_no_more_than_its_share(workplace: Path, tiny: list[str]) -> None:
    train = encoded([*tiny, "preparation=[popularity_cap]", OPTIONS[0]]).train
    assert train.weight is not None
    counts = torch.bincount(train.item[train.label > 0], train.weight[train.label > 0])
    assert float(counts.max() / counts.sum()) <= 0.05
    plain = torch.bincount(train.item[train.label > 0])
    assert float(plain.max() / plain.sum()) > 0.05


def write_shop(folder: Path) -> list[str]:
    """A source whose ids are unmistakable, in the users' table, a list of friends and the events."""
    people = [f"person-{n:04d}@mail.example" for n in range(24)]
    things = [f"article/{n:04d}" for n in range(60)]
    users = {"who": people, "friend": people[1:] + people[:1], "age": [20 + n for n in range(24)]}
    pl.DataFrame(users).write_csv(folder / "users.csv")
    rows = [(people[n % 24], things[(n * 7 + n // 24) % 60], 1_700_000_000 + 60 * n) for n in range(480)]
    pl.DataFrame(rows, schema=["who", "what", "at"], orient="row").write_csv(folder / "events.csv")
    columns = "{user:{who:id,friend:category,age:number},item:{what:id},context:{at:time}}"
    return [
        "data=table",
        f"data.events={folder}/events.csv",
        f"data.users={folder}/users.csv",
        f"data.columns={columns}",
        "label=all_positive",
        "metrics=ranking",
        "trainer.max_epochs=1",
        "batch_size=64",
    ]


def found(folder: Path, words: list[str]) -> set[str]:
    """The files below the folder that hold one of the words; Parquet is compressed, so it is read."""
    files = set()
    for file in (file for file in folder.rglob("*") if file.is_file()):
        held = file.read_bytes()
        if file.suffix == ".parquet":
            held += pl.read_parquet(file).write_json().replace("\\/", "/").encode()
        if any(word.encode() in held or word.encode() in file.name.encode() for word in words):
            files.add(file.name)
    return files


IDS = ["@mail.example", "article/"]


@pytest.fixture
def shop(workplace: Path) -> list[str]:
    (workplace / "shop").mkdir()
    return write_shop(workplace / "shop")


def test_no_raw_id_is_in_any_file_of_a_pseudonymised_run(
    shop: list[str], workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_PSEUDONYM_KEY", "the secret of this test")
    words = [*shop, "preparation=[pseudonymise]", "preparation.pseudonymise.also=[friend]"]
    assert main(["train", *words, "cache=cache", "hydra.run.dir=run"]) == 0
    assert main(["evaluate", "ckpt=run/checkpoints/best.ckpt", "slices=[activity]"]) == 0
    assert found(Path("cache"), [*IDS, "the secret of this test"]) == set()
    assert found(Path("run"), [*IDS, "the secret of this test"]) == set()
    written = [file for file in workplace.rglob("*") if file.is_file() and "shop" not in file.parts]
    assert len(written) > 10


def test_without_it_they_are_there(shop: list[str], workplace: Path) -> None:
    assert main(["train", *shop, "cache=cache", "hydra.run.dir=run"]) == 0
    assert {"users.arrow", "items.arrow", "rest.pt"} <= found(Path("cache"), IDS)
    assert {"best.ckpt", "users.parquet"} <= found(Path("run"), IDS)


def test_pseudonyms_change_nothing_but_names(
    shop: list[str], workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_PSEUDONYM_KEY", "one")
    plain = encoded([*shop, "cache=cache"])
    hidden = flow.prepare(parts_of([*shop, "cache=cache", "preparation=[pseudonymise]"]))
    for part in ("train", "valid", "test"):
        assert same(getattr(plain, part), getattr(hidden.encoded, part))
    monkeypatch.setenv("RECSYS_PSEUDONYM_KEY", "another")
    other = flow.prepare(parts_of([*shop, "cache=cache", "preparation=[pseudonymise]"]))
    assert other.made
    assert set(other.artifact.keys["user"]).isdisjoint(hidden.artifact.keys["user"])


def test_a_core_is_made_of_the_rows_that_are_split(workplace: Path, tiny: list[str]) -> None:
    core = ["preparation=[k_core]", "preparation.k_core.users=3", "preparation.k_core.items=3"]
    rows = encoded([*tiny, *core])
    positive = [part.label > 0 for part in (rows.train, rows.valid, rows.test)]
    parts = (rows.train, rows.valid, rows.test)
    for side, size in (("user", rows.schema.n_users), ("item", rows.schema.n_items)):
        held = torch.cat([getattr(part, side)[at] for part, at in zip(parts, positive, strict=True)])
        counts = torch.bincount(held, minlength=size)
        assert int(counts.min()) >= 3
    assert any(note.startswith("preparation=k_core: ") for note in rows.notes)


def test_weights_and_tasks_of_a_label_reach_the_rows(workplace: Path, tiny: list[str]) -> None:
    weighed = encoded([*tiny, "label=weighted_events"]).train
    assert weighed.weight is not None
    assert set(weighed.weight[weighed.label > 0].tolist()) <= {1.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0}
    tasks = encoded([*tiny, "label=multi", "label.primary=stay"])
    plain = encoded([*tiny, "label=click"])
    stay = encoded([*tiny, "label=click_and_dwell"])
    for part in ("train", "valid", "test"):
        rows = getattr(tasks, part)
        assert set(rows.tasks) == {"click", "stay"}
        assert torch.equal(rows.tasks["click"], getattr(plain, part).label)
        assert torch.equal(rows.label, getattr(stay, part).label)
        assert torch.equal(rows.tasks["stay"], rows.label)


def test_the_query_item_of_a_session_is_encoded_with_the_context(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "label=session", "encoders.columns.query_item=embedding", "encoders.columns.user_id=drop"]
    rows = encoded(words)
    assert "query_item" in {field.name for field in rows.schema.fields if field.side == "context"}
    assert rows.train.context["query_item"].shape == rows.train.item.shape
    assert main(["train", *words, "trainer.max_epochs=1", "hydra.run.dir=run"]) == 0


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "++label.tasks.bad={_target_:recsys.label.click.Click,colum:like}",
            "label.tasks.bad.colum: Click has no",
        ),
        (
            "++label.tasks.bad={_target_:recsys.loss.bce.BCE}",
            "label.tasks.bad._target_: .* is no recsys.label.Label",
        ),
        ("label.tasks.stay.seconds=-1", "label.tasks.stay.seconds=-1: .* greater than or equal to 0"),
        ("label.primary=like", "label.primary=like: there is no such task; choose one of click, stay"),
    ],
)
def test_mistakes_in_a_task_are_refused_by_its_key(word: str, message: str, workplace: Path) -> None:
    with pytest.raises(UserError, match=message):
        parts_of(["label=multi", word])


def test_a_label_that_comes_late_is_refused_by_a_split_without_a_cut_off(workplace: Path) -> None:
    from recsys.check import refusals

    words: Any = ["label=delayed", "label.at=bought", "data=table", "data.events=log.csv"]
    columns = "data.columns={user:{u:id},item:{i:id},context:{at:time},feedback:{bought:time}}"
    assert refusals(parts_of([*words, columns, "split=temporal"])) == []
    (reason,) = refusals(parts_of([*words, columns, "split=leave_last_out"]))
    assert "label=delayed needs one moment at which the held-out time begins" in reason
    assert "split=leave_last_out gives none" in reason

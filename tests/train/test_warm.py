"""Rows taken over against a dictionary by key, and a model of yesterday against one from nothing."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from recsys.commands import main
from recsys.encoders import Encoder, State
from recsys.encoders.grid import Grid
from recsys.encoders.mean import Mean
from recsys.encoders.quantile_bins import QuantileBins
from recsys.encoders.quotient_remainder import QuotientRemainder
from recsys.encoders.transformer import Transformer
from recsys.nn.fields import FieldBank
from recsys.train.warm import Vocabularies, places, take_over
from recsys.types import Field


class Net(nn.Module):
    """Tables by entity, as of a graph model, and a dense layer."""

    def __init__(self, users: int, items: int, width: int = 3) -> None:
        super().__init__()
        self.user_table, self.item_table = nn.Embedding(users, width), nn.Embedding(items, width)
        self.layer = nn.Linear(width, 2)
        self.register_buffer("seen", torch.rand(1))


def test_rows_move_with_their_keys() -> None:
    torch.manual_seed(0)
    before, now = {"user": ["a", "b"], "item": [1, 2, 3]}, {"user": ["b", "c", "a"], "item": [3, 9, 1]}
    old, new = Net(2, 3), Net(3, 3)
    fresh = {name: value.clone() for name, value in new.state_dict().items()}
    taken, notes = take_over(new, old.state_dict(), Vocabularies({}, before), Vocabularies({}, now))
    assert taken == 4
    for side, table in (("user", "user_table"), ("item", "item_table")):
        rows = dict(zip(before[side], getattr(old, table).weight, strict=True))
        for at, key in enumerate(now[side]):
            expected = rows.get(key, fresh[f"{table}.weight"][at])
            assert torch.equal(getattr(new, table).weight[at], expected)
    assert torch.equal(new.layer.weight, old.layer.weight)
    assert torch.equal(new.seen, fresh["seen"])  # type: ignore[arg-type]
    assert notes == ["rows taken over: user_table.weight 2 of 3, item_table.weight 2 of 3"]


def test_rows_of_one_table_of_users_and_items_move_with_their_keys() -> None:
    """One user more and one item fewer, so that the table is as long as it was; 1 is a user and an item."""
    before, now = {"user": [1, 2], "item": [7, 1, 8]}, {"user": [2, 3, 1], "item": [8, 1]}
    old, new = (nn.ModuleDict({"nodes": nn.Embedding(5, 2)}) for _ in range(2))
    fresh = new.state_dict()["nodes.weight"].clone()
    taken, notes = take_over(new, old.state_dict(), Vocabularies({}, before), Vocabularies({}, now))
    assert taken == 1
    assert notes == ["rows taken over: nodes.weight 4 of 5"]
    earlier, table = (part.state_dict()["nodes.weight"] for part in (old, new))
    expected = [earlier[1], fresh[1], earlier[0], earlier[4], earlier[3]]
    assert torch.equal(table, torch.stack(expected))


def test_a_table_of_users_or_of_items_is_begun_anew_unless_nothing_changed() -> None:
    before, now = {"user": [1, 2], "item": [5, 6]}, {"user": [2, 1], "item": [5, 6]}
    old, new = (nn.ModuleDict({"nodes": nn.Embedding(2, 3)}) for _ in range(2))
    taken, notes = take_over(new, old.state_dict(), Vocabularies({}, before), Vocabularies({}, now))
    assert taken == 0
    assert "of users as well as of items: nodes.weight" in notes[0]
    taken, _ = take_over(new, old.state_dict(), Vocabularies({}, before), Vocabularies({}, before))
    assert taken == 1
    assert torch.equal(new.state_dict()["nodes.weight"], old.state_dict()["nodes.weight"])


def test_a_table_whose_rows_have_no_name_is_taken_over_whole_and_named() -> None:
    before, now = {"user": [1, 2], "item": [5, 6]}, {"user": [2, 1], "item": [5]}
    old, new = (nn.ModuleDict({"positions": nn.Embedding(9, 3)}) for _ in range(2))
    taken, notes = take_over(new, old.state_dict(), Vocabularies({}, before), Vocabularies({}, now))
    assert taken == 1
    assert notes == ["taken over whole, as tables whose rows are neither users nor items: positions.weight"]
    assert torch.equal(new.state_dict()["positions.weight"], old.state_dict()["positions.weight"])


def test_what_has_another_shape_is_named() -> None:
    keys = {"user": [1, 2], "item": [3]}
    same = Vocabularies({}, keys)
    new = Net(2, 1, width=4)
    taken, notes = take_over(new, Net(2, 1).state_dict(), same, same)
    assert taken == 1
    assert "user_table.weight, item_table.weight, layer.weight" in notes[0]


def test_nothing_in_common_is_no_row() -> None:
    old, new = places([1], [2])
    assert len(old) == len(new) == 0


WORLD = (
    "data.users=300",
    "data.items=150",
    "data.days=30",
    "data.sessions=1.0",
    "batch_size=256",
    "metrics=ranking",
    "optimizer.lr=0.01",
)


def dates(first: int) -> list[str]:
    """Validation and test from these days of the marketplace's month on."""
    import datetime

    from recsys.build import build
    from recsys.compose import Request, build_config, groups, session

    request = Request("train", ())
    with session(request):
        parts = build(build_config(request, list(WORLD)), groups(request.folders))
    start = parts.data.load().log["time"].min()
    assert isinstance(start, int)
    day = [datetime.datetime.fromtimestamp(start + 86_400 * n, datetime.UTC) for n in (first, first + 3)]
    return [f"split.valid_from={day[0]:%Y-%m-%d}", f"split.test_from={day[1]:%Y-%m-%d}"]


@pytest.mark.parametrize("model", ["mf", "two_tower"])
def test_a_model_of_yesterday_beats_one_from_nothing(model: str, workplace: Path) -> None:
    words = [*WORLD, f"model={model}"]
    assert main(["train", *words, *dates(20), "trainer.max_epochs=8", "hydra.run.dir=before"]) == 0
    gains = []
    for seed in range(3):
        once = [*words, *dates(25), "trainer.max_epochs=1", f"seed={seed}"]
        assert main(["train", *once, f"hydra.run.dir=cold{seed}"]) == 0
        assert main(["train", *once, "warm_start=before", f"hydra.run.dir=warm{seed}"]) == 0
        cold, warm = (
            json.loads(Path(f"{name}{seed}", "metrics.json").read_text())["test"] for name in ("cold", "warm")
        )
        gains.append(find(warm, "ndcg@20") - find(cold, "ndcg@20"))
    assert min(gains) > 0
    status = json.loads(Path("warm0/status.json").read_text())
    (note,) = [note for note in status["notes"] if note.startswith("warm_start: rows taken over")]
    assert "user_id" in note
    if model == "mf":
        rates = ["optimizer.lr=1e-30"]
        assert main(["train", *once, *rates, "warm_start=before", "hydra.run.dir=still"]) == 0
        check_rows("before", "still")


def check_rows(before: str, after: str) -> None:
    """Known items have the vectors that they had, new ones others."""
    old, new = (torch.load(Path(f, "checkpoints/best.ckpt"), weights_only=True) for f in (before, after))
    name = "model.items.bank.encoders.0.weight"
    values = [ckpt["recsys"]["states"]["item.item_id"]["values"] for ckpt in (old, new)]
    tables = [ckpt["state_dict"][name] for ckpt in (old, new)]
    assert len(values[1]) > len(values[0])
    known = {value: tables[0][1 + row] for row, value in enumerate(values[0])}
    for row, value in enumerate(values[1]):
        assert value not in known or torch.equal(tables[1][1 + row], known[value])


def find(tree: object, name: str) -> float:
    """The number of that name, wherever it stands."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name and isinstance(value, (int, float)):
                return float(value)
            found = find(value, name) if isinstance(value, dict) else float("nan")
            if found == found:
                return found
    return float("nan")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["warm_start=nowhere"], "warm_start=nowhere: there is no nowhere"),
        (["warm_strat=x"], "did you mean 'warm_start'?"),
        (["warm_start=text.txt"], "warm_start=text.txt: not a checkpoint of recsys"),
        (["warm_start=text.txt", "model=popularity"], "warm_start: model=popularity is fitted in one step"),
    ],
)
def test_a_mistake_names_the_key(
    words: list[str], said: str, workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text.txt").write_text("no checkpoint")
    assert main(["train", *tiny, *words]) == 2
    assert said in capsys.readouterr().err


def bank_of(encoder: Encoder, state: State) -> FieldBank:
    """The learned part of one column, `c`."""
    return FieldBank([Field("c", "item", "id", None, lambda dim: encoder.module(state, dim))], 4)


def vocabularies(state: State) -> Vocabularies:
    return Vocabularies({"item.c": state}, {"user": [], "item": ["a", "b", "c", "d"]})


MOVED: list[tuple[Encoder, State, State]] = [
    (QuotientRemainder(collisions=2), {"values": ["a", "b", "c", "d"]}, {"values": ["a", "c", "d", "e"]}),
    (QuantileBins(), {"edges": [0.1, 0.2]}, {"edges": [0.1, 0.3]}),
    (Grid(), {"cells": [3, 5]}, {"cells": [4, 5]}),
]


@pytest.mark.parametrize(
    ("encoder", "before", "now"), MOVED, ids=["quotient_remainder", "quantile_bins", "grid"]
)
def test_rows_that_were_numbered_otherwise_are_begun_anew_and_named(
    encoder: Encoder, before: State, now: State
) -> None:
    old, new = bank_of(encoder, before), bank_of(encoder, now)
    fresh = {name: value.clone() for name, value in new.state_dict().items()}
    taken, notes = take_over(new, old.state_dict(), vocabularies(before), vocabularies(now))
    assert taken == 0
    assert all(torch.equal(value, fresh[name]) for name, value in new.state_dict().items())
    assert notes == ["begun anew, because the rows of its tables stood for other values: c"]
    taken, _ = take_over(new, old.state_dict(), vocabularies(before), vocabularies(before))
    assert taken == len(fresh)
    assert all(torch.equal(value, old.state_dict()[name]) for name, value in new.state_dict().items())


def test_positions_are_taken_over_whatever_the_items_are() -> None:
    """Of a transformer's two tables one is of positions, which mean the same for other items."""
    before, now = {"items": [0, 1, 2]}, {"items": [0, 2, 3]}
    old, new = (bank_of(Transformer(positions=9), state) for state in (before, now))
    _, notes = take_over(new, old.state_dict(), vocabularies(before), vocabularies(now))
    (name,) = [name for name, value in new.named_parameters() if value.shape == (9, 4)]
    assert torch.equal(new.state_dict()[name], old.state_dict()[name])
    assert not any("anew" in note for note in notes)


def test_an_items_row_in_a_history_moves_with_the_item() -> None:
    def bank(items: list[int]) -> FieldBank:
        state = {"items": items}
        return FieldBank([Field("past", "context", "sequence", None, lambda dim: Mean().module(state, dim))], 4)

    before = Vocabularies({"feature.past": {"items": [0, 2]}}, {"user": [], "item": ["a", "b", "c"]})
    now = Vocabularies({"feature.past": {"items": [0, 1]}}, {"user": [], "item": ["c", "d"]})
    old, new = bank([0, 2]), bank([0, 1])
    take_over(new, old.state_dict(), before, now)
    tables = [next(p for name, p in part.named_parameters() if "table" in name) for part in (old, new)]
    assert torch.equal(tables[1][1], tables[0][2])
    assert torch.equal(tables[1][0], tables[0][0])
    assert not torch.equal(tables[1][2], tables[0][1])

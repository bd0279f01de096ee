"""Independent source: LightGBM itself on a matrix that is put together here; NDCG by its formula."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest
import torch

from recsys.commands import main
from recsys.model.lightgbm import LightGBM
from recsys.types import Field, Schema, Slate, TrainRows, UserError

PLAIN = {"verbosity": -1, "deterministic": True, "force_row_wise": True, "num_threads": 1}


def train_rows() -> TrainRows:
    zeros = torch.zeros(1, dtype=torch.int64)
    return TrainRows(zeros, zeros, torch.ones(1))


def many(schema: Schema, seed: int = 0, rows: int = 200) -> Slate:
    """Queries with four candidates, of which some are masked; who likes what follows a rule and noise."""
    draw = torch.Generator().manual_seed(seed)
    user = torch.randint(schema.n_users, (rows,), generator=draw)
    items = torch.randint(schema.n_items, (rows, 4), generator=draw)
    context = {
        "device": torch.randint(2, (rows,), generator=draw),
        "user_history": torch.randint(-1, schema.n_items, (rows, 3), generator=draw),
    }
    chance = 0.2 + 0.6 * ((user[:, None] + items + context["device"][:, None]) % 2)
    labels = (torch.rand(rows, 4, generator=draw) < chance).float()
    mask = torch.rand(rows, 4, generator=draw) < 0.9
    return Slate(user, items, labels, mask, weights=torch.rand(rows, 4, generator=draw), context=context)


def matrix(schema: Schema, slate: Slate) -> np.ndarray:
    """A row for each cell, in the order of the columns: user, moment, item."""
    table = {field.name: field.table for field in schema.fields}
    rows = []
    for row, user in enumerate(slate.user.tolist()):
        taken = [item for item in slate.context["user_history"][row].tolist() if item >= 0]
        query = [float(user), float(table["age"][user, 0]), float(slate.context["device"][row])]  # type: ignore[index]
        query += [float(len(taken)), float(taken[-1] if taken else -1)]
        rows += [[*query, float(i), float(table["kind"][i])] for i in slate.items[row].tolist()]  # type: ignore[index]
    return np.array(rows)


def test_it_scores_as_lightgbm_does_on_the_same_cells(schema: Schema) -> None:
    slates = [many(schema), many(schema, seed=1)]
    torch.manual_seed(3)
    model = LightGBM(schema, train_rows(), trees=20, leaves=7, min_rows=5, row_share=0.7)
    model.fit_slates(slates)
    x = np.concatenate([matrix(schema, slate)[slate.mask.flatten().numpy()] for slate in slates])
    y, w = (np.concatenate([v[s.mask].numpy() for s, v in pairs]) for pairs in _pairs(slates))
    torch.manual_seed(3)
    settings = {"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.1}
    settings |= {"bagging_fraction": 0.7, "bagging_freq": 1, "seed": int(torch.randint(2**31 - 1, ()))}
    data = lightgbm.Dataset(x, label=y, weight=w, categorical_feature=[0, 2, 4, 5, 6])
    direct = lightgbm.train({**PLAIN, **settings}, data, num_boost_round=20)
    asked = many(schema, seed=2)
    expected = direct.predict(matrix(schema, asked), raw_score=True).reshape(200, 4)
    np.testing.assert_allclose(model(asked).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert expected.std() > 0.1


def _pairs(slates: list[Slate]) -> tuple[list[tuple[Slate, torch.Tensor]], ...]:
    return [(s, s.labels) for s in slates], [(s, s.weights) for s in slates]  # type: ignore[misc]


def test_trees_come_back_from_the_state(schema: Schema) -> None:
    slate = many(schema)
    model = LightGBM(schema, train_rows(), trees=5)
    assert model.state_dict()["_extra_state"].numel() == 0
    model.fit_slates([slate])
    again = LightGBM(schema, train_rows(), trees=5)
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(slate), model(slate))


def test_trees_depend_on_the_seed_and_threads_are_torchs(schema: Schema) -> None:
    slate, found = many(schema), []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        model = LightGBM(schema, train_rows(), trees=5, row_share=0.5)
        model.fit_slates([slate])
        assert model.booster.params["num_threads"] == torch.get_num_threads()
        found.append(model(slate))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


@pytest.mark.parametrize("objective", ["binary", "lambdarank"])
def test_cells_of_weight_0_count_for_nothing(schema: Schema, objective: str) -> None:
    slate = many(schema)
    off = torch.rand(slate.labels.shape, generator=torch.Generator().manual_seed(5)) < 0.7
    assert slate.weights is not None
    scores = []
    for given in (
        replace(slate, weights=slate.weights.masked_fill(off, 0.0)),
        replace(slate, mask=slate.mask & ~off),
    ):
        torch.manual_seed(0)
        model = LightGBM(schema, train_rows(), objective=objective, trees=5)  # type: ignore[arg-type]
        model.fit_slates([given])
        scores.append(model(slate))
    assert torch.equal(*scores)


def graded(seed: int) -> tuple[Schema, Slate]:
    """Thirty queries of ten items: relevant where the second number is above 0, then better by the first."""
    numbers = torch.randn(300, 2, generator=torch.Generator().manual_seed(seed))
    item = Field("numbers", "item", "number", numbers, lambda dim: torch.nn.Identity())
    items = torch.arange(300).view(30, 10)
    labels = (numbers[:, 1] > 0) * (1.0 + 3.0 * (numbers[:, 0] > 0))
    labels = labels.view(30, 10)
    return Schema(1, 300, (item,)), Slate(torch.zeros(30, dtype=torch.int64), items, labels, labels >= 0)


def ndcg(scores: torch.Tensor, labels: torch.Tensor) -> float:
    """Mean over queries of DCG over the best DCG, gain 2^grade - 1."""
    places = torch.arange(2, 12).log2()
    order = scores.argsort(1, descending=True)
    dcg = ((labels.gather(1, order).exp2() - 1) / places).sum(1)
    return float((dcg / ((labels.sort(1, descending=True).values.exp2() - 1) / places).sum(1)).mean())


def test_lambdarank_orders_grades_that_binary_takes_for_one() -> None:
    (schema, slate), (held_schema, held) = graded(0), graded(1)
    scores = {}
    for objective in ("lambdarank", "binary"):
        model = LightGBM(schema, train_rows(), objective=objective, trees=30, leaves=4, min_rows=5)  # type: ignore[arg-type]
        model.fit_slates([slate])
        other = LightGBM(held_schema, train_rows())
        other.load_state_dict(model.state_dict())
        scores[objective] = ndcg(other(held), held.labels)
    assert scores["lambdarank"] > 0.97 > scores["binary"] + 0.05


def test_regression_learns_amounts_and_grades_as_they_are() -> None:
    schema, slate = graded(0)
    model = LightGBM(schema, train_rows(), objective="regression", trees=200, min_rows=2)
    model.fit_slates([slate])
    assert (model(slate) - slate.labels).abs().mean() < 0.1


def test_what_lightgbm_cannot_learn_from_is_one_line() -> None:
    schema, slate = graded(0)
    model = LightGBM(schema, train_rows(), objective="lambdarank")
    with pytest.raises(UserError, match="model=lightgbm: label should be int type"):
        model.fit_slates([replace(slate, labels=slate.labels / 3)])


def test_codes_that_are_too_large_for_categories_are_refused() -> None:
    codes = torch.tensor([2**40, 5])
    schema = Schema(1, 2, (Field("item_id", "item", "id", codes, lambda dim: torch.nn.Identity()),))
    slate = Slate(
        torch.zeros(1, dtype=torch.int64), torch.tensor([[0, 1]]), torch.eye(2)[:1], torch.ones(1, 2) > 0
    )
    with pytest.raises(
        UserError, match=r"item_id is encoded as numbers .* encoders\.columns\.item_id=embedding"
    ):
        LightGBM(schema, train_rows()).fit_slates([slate])


def test_a_missing_package_is_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    assert main(["train", "model=lightgbm"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith("the package lightgbm is not installed; pip install 'recsys[trees]'")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["label=regression", "sampling=none"], "model=lightgbm needs labels of 0 and 1"),
        (["sampling=hard"], "sampling=hard needs a vector for each user and for each item"),
        (["sampling=none", "model.objective=lambdarank"], "needs several candidates in a row"),
        (["encoders/id=deep_hash"], "is encoded as numbers that are too large"),
        (["warm_start=x.ckpt"], "model=lightgbm is fitted in one step"),
    ],
)
def test_what_cannot_be_is_refused_before_data_is_read(
    words: list[str], said: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("x.ckpt").touch()
    assert main(["check", "model=lightgbm", *words]) == 2
    assert said in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "words",
    [
        ["sampling=uniform", "features=[counters,affinity,history]"],
        ["sampling=page", "label=graded", "model.objective=lambdarank", "batch_size=100"],
    ],
)
def test_a_run_is_measured_again_alike_and_a_second_one_is_the_same(
    words: list[str], workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, "model=lightgbm", "model.trees=10", "eval.bootstrap=0", *words]
    for folder in ("run", "again"):
        assert main(["train", *words, f"hydra.run.dir={folder}"]) == 0
    metrics = Path("run/metrics.json").read_text()
    assert Path("again/metrics.json").read_text() == metrics
    assert main(["evaluate", "ckpt=run/checkpoints/best.ckpt"]) == 0
    assert json.loads(Path("run/evaluations/1/metrics.json").read_text()) == json.loads(metrics)

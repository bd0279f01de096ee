"""What holds for every model: shapes, gradients, and one score however it is asked for."""

import importlib
import inspect
from dataclasses import replace
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor

from recsys.compose import CONF
from recsys.model import DualEncoder, Model
from recsys.ops import statistics
from recsys.types import Counts, Facts, Graph, Schema, Slate, TrainRows

NAMES = sorted(file.stem for file in (CONF / "model").glob("*.yaml"))


def rows() -> TrainRows:
    user, item = torch.tensor([0, 1, 2, 3, 3, 5]), torch.tensor([0, 1, 2, 3, 4, 0])
    context = {"device": torch.zeros(6, dtype=torch.int64), "user_history": torch.full((6, 3), -1)}
    return TrainRows(user, item, torch.ones(6), time=torch.arange(6) * 86_400, context=context)


def class_of(name: str) -> type[Model[Any]]:
    module, _, target = OmegaConf.load(CONF / "model" / f"{name}.yaml")["_target_"].rpartition(".")
    return getattr(importlib.import_module(module), target)


LEARNT = [name for name in NAMES if not class_of(name).fits]


def made(name: str, schema: Schema) -> Model[Any]:
    config: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(CONF / "model" / f"{name}.yaml"))  # type: ignore[assignment]
    config.pop("_target_")
    train = rows()
    counts, graph = statistics.count(train, schema), statistics.link(train, schema)
    nouns = {Schema: schema, Counts: counts, Graph: graph, Facts: Facts(counts, graph), TrainRows: train}
    if config.pop("defaults", None):
        config["tower"] = made("deepfm", schema)
    torch.manual_seed(0)
    class_ = class_of(name)
    asked = [p for p in inspect.signature(class_).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    model = class_(*(nouns[p.annotation] for p in asked), **config)
    if model.samples:
        model.fit_slates([board(schema)])
    elif model.fits:
        model.fit(train)
    return model.eval()


def board(schema: Schema) -> Slate:
    """A checkerboard: user u takes up item i where u + i is even."""
    user, items = torch.arange(schema.n_users), torch.arange(schema.n_items)
    labels = ((user[:, None] + items) % 2 == 0).float()
    history = torch.arange(3) + user[:, None]
    context = {"device": torch.zeros(schema.n_users, dtype=torch.int64), "user_history": history % 7}
    return Slate(user, items, labels, torch.ones_like(labels, dtype=torch.bool), context=context)


@pytest.mark.parametrize("name", NAMES)
def test_logits_have_the_slates_shape_and_depend_on_the_own_row_alone(
    name: str, schema: Schema, slate: Slate
) -> None:
    model = made(name, schema)
    logits = model(slate)
    assert logits.shape == slate.labels.shape
    for row in range(4):
        one = replace(
            slate,
            user=slate.user[row : row + 1],
            items=slate.items[row : row + 1],
            labels=slate.labels[row : row + 1],
            mask=slate.mask[row : row + 1],
            context={key: values[row : row + 1] for key, values in slate.context.items()},
        )
        assert torch.allclose(model(one)[0], logits[row], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_shared_candidates_score_as_each_by_itself(name: str, schema: Schema, slate: Slate) -> None:
    model = made(name, schema)
    every = torch.arange(schema.n_items)
    shared = model(replace(slate, items=every))
    apart = model(replace(slate, items=every.expand(4, -1)))
    assert shared.shape == (4, schema.n_items)
    assert torch.allclose(shared, apart, atol=1e-5)
    catalogue = model.encode_items(every)
    assert torch.allclose(model.interact(model.encode_users(slate), catalogue), shared, atol=1e-6)


@pytest.mark.parametrize("name", LEARNT)
def test_every_parameter_gets_a_gradient(name: str, schema: Schema, slate: Slate) -> None:
    model = made(name, schema).train()
    model(slate).square().sum().backward()
    idle = [n for n, p in model.named_parameters() if p.grad is None]
    assert not idle


@pytest.mark.parametrize("name", NAMES)
def test_dual_encoders_and_only_they_say_that_they_have_towers(name: str, schema: Schema) -> None:
    model = made(name, schema)
    assert isinstance(model, DualEncoder) == ("model.towers" in model.gives)


@pytest.mark.parametrize("name", [name for name in LEARNT if name != "logistic_regression"])
def test_a_few_steps_fit_a_checkerboard(name: str, schema: Schema) -> None:
    """User u takes up item i where u + i is even; known from implicit's own test of every recommender."""
    model = made(name, schema).train()
    shown = board(schema)
    labels = shown.labels
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(shown), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    right = ((model(shown) > 0).float() == labels).float().mean()
    assert right > (0.9 if name != "graphsage" else 0.7)


def gradients(name: str, schema: Schema, *, mixed: bool) -> dict[str, Tensor]:
    """Of each parameter, from a step in which every row reads the same item."""
    model, rows = made(name, schema).train(), 4096
    user = torch.randint(0, schema.n_users, (rows,), generator=torch.Generator().manual_seed(0))
    zeros = torch.zeros(rows, 1)
    context = {"device": user % 2, "user_history": torch.stack([user, user + 1, user + 2], 1)}
    slate = Slate(user, torch.full((rows, 1), 3), zeros, zeros == 0, context=context)
    torch.manual_seed(1)
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        loss = torch.nn.functional.softplus(model(slate).float()).sum()
    loss.backward()
    return {name: value.grad for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("name", LEARNT)
def test_an_item_that_thousands_of_rows_read_gets_its_whole_gradient_in_bf16(name: str, schema: Schema) -> None:
    """A sum of ones in bf16 itself stops growing at 256; rounding turns a gradient, and does not shrink it."""
    exact = gradients(name, schema, mixed=False)
    for parameter, mixed in gradients(name, schema, mixed=True).items():
        along, whole = float((mixed * exact[parameter]).sum()), float(exact[parameter].square().sum())
        assert along == pytest.approx(whole, rel=0.1, abs=1), parameter


@pytest.mark.parametrize("name", LEARNT)
def test_scores_are_those_of_the_weights_as_they_are_now(name: str, schema: Schema, slate: Slate) -> None:
    """Loaded or converted after a first look, as before it."""
    model, fresh = made(name, schema), made(name, schema)
    other = {key: value * 0.5 for key, value in model.state_dict().items()}
    model(slate)
    model.load_state_dict(other)
    fresh.load_state_dict(other)
    assert torch.equal(model(slate), fresh(slate))
    assert model.double()(slate).dtype == torch.float64

"""Independent source: Ma et al. 2018, eq. 5-7, as loops over experts; the value as a product of powers."""

from dataclasses import replace

import pytest
import torch

from recsys.model.deepfm import DeepFM
from recsys.model.mmoe import MMoE
from recsys.types import Schema, Slate, Task, UserError

TASKS = (Task("click"), Task("dwell", amount=True), Task("hide"))


def test_each_task_mixes_the_experts_by_its_own_gate(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    tower = DeepFM(schema, dim=4, hidden=(6, 5))
    model = MMoE(replace(schema, tasks=TASKS), tower=tower, experts=3, hidden=(4, 7), head=(5,)).eval()
    predicted = model.outputs(slate)
    assert predicted.shape == (4, 5, 3)
    pairs = tower.represent(tower.encode_users(slate), tower.encode_items(slate.items))
    for task in range(3):
        shares = torch.exp(pairs @ model.gates[task].weights.weight.T)
        shares = shares / shares.sum(-1, keepdim=True)
        mixed = sum(shares[..., i : i + 1] * model.experts.experts[i](pairs) for i in range(3))
        torch.testing.assert_close(predicted[..., task], model.heads.towers[task](mixed)[..., 0])


def test_the_value_is_a_product_of_powers_of_the_predictions(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    weights = {"click": 1.0, "dwell": 0.5, "hide": -2.0}
    model = MMoE(replace(schema, tasks=TASKS), tower=DeepFM(schema), value=weights).eval()
    click, dwell, hide = model.outputs(slate).unbind(-1)
    amount = torch.log1p(dwell.exp())
    expected = click.sigmoid() * amount.sqrt() / hide.sigmoid() ** 2
    torch.testing.assert_close(model(slate).exp(), expected)


def test_without_weights_it_ranks_by_the_first_task(schema: Schema, slate: Slate) -> None:
    model = MMoE(replace(schema, tasks=TASKS), tower=DeepFM(schema)).eval()
    assert torch.equal(model(slate), model.outputs(slate)[..., 0])


def test_a_value_of_a_task_that_is_not_there_is_named(schema: Schema) -> None:
    with pytest.raises(UserError, match=r"model\.value\.like: there is no such task; choose among click"):
        MMoE(replace(schema, tasks=TASKS), tower=DeepFM(schema), value={"like": 1.0})


def test_experts_without_a_layer_are_refused(schema: Schema) -> None:
    with pytest.raises(
        UserError, match=r"^model\.hidden: mmoe needs at least one layer an expert, for example"
    ):
        MMoE(replace(schema, tasks=(Task("click"), Task("like"))), tower=DeepFM(schema), hidden=())

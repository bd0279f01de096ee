"""Independent source: Tang et al. 2020, eq. 2-8, as loops over layers, tasks and experts."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from recsys.model.deepfm import DeepFM
from recsys.model.ple import PLE
from recsys.types import Schema, Slate, Task, UserError


def mix(weight: Tensor, at: Tensor, experts: list[Tensor]) -> Tensor:
    shares = torch.exp(at @ weight.T)
    shares = shares / shares.sum(-1, keepdim=True)
    return sum(shares[..., i : i + 1] * expert for i, expert in enumerate(experts))  # type: ignore[return-value]


def test_each_layer_mixes_own_and_shared_experts(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    tower = DeepFM(schema, dim=4, hidden=(6, 5))
    tasks = (Task("click"), Task("like"))
    model = PLE(replace(schema, tasks=tasks), tower=tower, layers=2, own=2, shared=3, hidden=(4,)).eval()
    pairs = tower.represent(tower.encode_users(slate), tower.encode_items(slate.items))
    of_task, shared = [pairs, pairs], pairs
    for layer in model.layers:
        own = [[layer.own[t].experts[i](of_task[t]) for i in range(2)] for t in range(2)]
        common = [layer.shared.experts[i](shared) for i in range(3)]
        mixed = [mix(layer.gates[t].weights.weight, of_task[t], own[t] + common) for t in range(2)]
        if layer.common is not None:
            shared = mix(layer.common.weights.weight, shared, own[0] + own[1] + common)
        of_task = mixed
    for t in range(2):
        torch.testing.assert_close(model.outputs(slate)[..., t], model.heads.towers[t](of_task[t])[..., 0])


def test_the_last_layer_has_no_shared_gate_that_nothing_reads(schema: Schema) -> None:
    model = PLE(replace(schema, tasks=(Task("click"), Task("like"))), tower=DeepFM(schema), layers=2)
    assert [layer.common is None for layer in model.layers] == [False, True]


def test_experts_without_a_layer_are_refused(schema: Schema) -> None:
    with pytest.raises(UserError, match=r"^model\.hidden: ple needs at least one layer an expert, for example"):
        PLE(replace(schema, tasks=(Task("click"), Task("like"))), tower=DeepFM(schema), hidden=())

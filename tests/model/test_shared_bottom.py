"""Independent source: the bottom and each head applied one after the other."""

from dataclasses import replace

import torch

from recsys.model.deepfm import DeepFM
from recsys.model.shared_bottom import SharedBottom
from recsys.types import Schema, Slate, Task


def test_every_head_reads_the_same_bottom(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    tower = DeepFM(schema, dim=4, hidden=(6, 5))
    tasks = (Task("click"), Task("like"))
    model = SharedBottom(replace(schema, tasks=tasks), tower=tower, bottom=(8, 3), head=(5,)).eval()
    pairs = tower.represent(tower.encode_users(slate), tower.encode_items(slate.items))
    weights = [layer for layer in model.bottom.layers if isinstance(layer, torch.nn.Linear)]
    for layer in weights:
        pairs = (pairs @ layer.weight.T + layer.bias).clamp_min(0)
    assert pairs.shape[-1] == 3
    for task in range(2):
        hidden, out = (layer for layer in model.heads.towers[task].layers if isinstance(layer, torch.nn.Linear))
        expected = (pairs @ hidden.weight.T + hidden.bias).clamp_min(0) @ out.weight.T + out.bias
        torch.testing.assert_close(model.outputs(slate)[..., task], expected[..., 0])

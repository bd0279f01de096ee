"""Independent source: the two towers by hand."""

import torch

from recsys.model.two_tower import TwoTower
from recsys.types import Schema, Slate


def test_normalised_towers_give_the_cosine_over_the_temperature(schema: Schema, slate: Slate) -> None:
    model = TwoTower(schema, dim=4, normalized=True, temperature=0.1).eval()
    users = model.user_tower(torch.cat(model.users(slate.user) + model.context.encode(slate.context), -1))
    items = model.item_tower(torch.cat(model.items(slate.items), -1))
    cosine = torch.cosine_similarity(users[:, None], items, dim=-1)
    assert torch.allclose(model(slate), cosine / 0.1, atol=1e-4)


def test_the_context_reaches_the_query(schema: Schema, slate: Slate) -> None:
    model = TwoTower(schema).eval()
    other = {**slate.context, "device": 1 - slate.context["device"]}
    moved = Slate(slate.user, slate.items, slate.labels, slate.mask, context=other)
    assert not torch.allclose(model(slate), model(moved))

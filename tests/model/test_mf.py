"""Independent source: the formula, written out."""

import pytest
import torch

from recsys.model.mf import MF
from recsys.types import Schema, Slate, UserError


def test_the_score_is_the_product_and_the_three_biases(schema: Schema, slate: Slate) -> None:
    model = MF(schema, dim=3)
    assert model.common is not None
    model.common.data.fill_(0.7)
    users, items = (side.bank.encoders[0].weight for side in (model.users, model.items))
    logits = model(slate)
    for row, user in enumerate(slate.user.tolist()):
        for column, item in enumerate(slate.items[row].tolist()):
            product = (users[user, :3] * items[item, :3]).sum()
            expected = product + users[user, 3] + items[item, 3] + 0.7
            assert torch.allclose(logits[row, column], expected, atol=1e-5)


def test_without_biases_it_is_the_product_alone(schema: Schema, slate: Slate) -> None:
    model = MF(schema, dim=3, bias=False)
    users, items = (side.bank.encoders[0].weight for side in (model.users, model.items))
    assert [parameter.shape for parameter in model.parameters()] == [users.shape, items.shape]
    expected = torch.einsum("bd,bcd->bc", users[slate.user], items[slate.items])
    assert torch.allclose(model(slate), expected, atol=1e-6)


def test_normalized_it_is_the_cosine_over_the_temperature(schema: Schema, slate: Slate) -> None:
    model = MF(schema, dim=3, bias=False, normalized=True, temperature=0.2)
    users, items = (side.bank.encoders[0].weight for side in (model.users, model.items))
    cosine = torch.cosine_similarity(users[slate.user][:, None], items[slate.items], dim=-1)
    torch.testing.assert_close(model(slate), cosine / 0.2)
    with pytest.raises(UserError, match=r"model\.bias=false"):
        MF(schema, normalized=True)

"""Independent source: Zhou et al. 2018, eq. 3 and 4, pair by pair and item by item."""

import torch
from torch.nn.functional import linear

from recsys.model.din import DIN
from recsys.nn.dice import Dice
from recsys.types import Schema, Slate


def test_the_history_is_summed_as_the_candidate_sees_it(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = DIN(schema, dim=4, attention=6, hidden=(7, 5)).eval()
    logits = model(slate)
    unit = model.attention
    for row, history in enumerate(slate.context["user_history"].tolist()):
        users = model.users(slate.user[row : row + 1])
        users += model.context.encode({"device": slate.context["device"][row : row + 1]})
        query = model.of_query(torch.cat(users, -1))[0]
        for column, item in enumerate(slate.items[row]):
            target = model.past.items(item[None])[0]
            seen = torch.zeros(4)
            for index in history:
                if index >= 0:
                    vector = model.past.items(torch.tensor([index]))[0]
                    hidden = unit.of_history(vector) + unit.of_target(target)
                    seen += unit.rest(hidden + unit.of_both @ (vector * target)) * vector
            own = torch.cat([target, *(field[0] for field in model.items(item[None]))], -1)
            first = query + model.of_item(own) + model.of_history(seen)
            torch.testing.assert_close(logits[row, column], model.read(model.deep(first[None]))[0])


def test_dice_mixes_by_the_normalised_value() -> None:
    dice = Dice(3).double().train()
    dice.slope.data = torch.tensor([0.1, -0.5, 2.0], dtype=torch.float64)
    values = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    spread = ((values - values.mean(0)) ** 2).mean(0)
    share = 1 / (1 + torch.exp(-(values - values.mean(0)) / (spread + dice.norm.eps).sqrt()))
    torch.testing.assert_close(dice(values), share * values + (1 - share) * dice.slope * values)


def test_the_first_layer_is_that_of_the_parts_side_by_side(schema: Schema) -> None:
    """W [h, h - t, h * t, t] for some W: the four parts' span is that of h, t and h * t."""
    torch.manual_seed(0)
    unit = DIN(schema, dim=4, attention=6).attention
    history, target = torch.randn(4), torch.randn(4)
    whole = torch.cat([unit.of_history.weight, torch.zeros(6, 4), unit.of_both, unit.of_target.weight], 1)
    parts = torch.cat([history, history - target, history * target, target])
    expected = linear(parts, whole, unit.of_history.bias)
    mine = unit.of_history(history) + unit.of_target(target) + unit.of_both @ (history * target)
    torch.testing.assert_close(mine, expected)


def test_a_query_of_nothing_but_its_history_needs_no_layer_of_width_zero(schema: Schema, slate: Slate) -> None:
    """Torch warns of one, and warnings are errors here."""
    kept = tuple(field for field in schema.fields if field.name in ("item_id", "user_history"))
    logits = DIN(Schema(7, 9, kept))(slate)
    logits.sum().backward()
    assert bool(logits.isfinite().all())

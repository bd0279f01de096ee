"""Independent source: Cheng et al. 2016, eq. 3, one pair at a time."""

import torch

from recsys.model.wide_deep import WideDeep
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


def fields_of(sides: Sides, slate: Slate, row: int, column: int) -> torch.Tensor:
    """All field vectors of a pair, `[F, width]`."""
    index = slate.items[row, column : column + 1]
    item = sides.of_items(index, {}, lambda vectors: vectors)[0]
    return torch.cat([sides.of_slate(slate)[row], item])


def test_the_score_is_the_linear_part_plus_the_network(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = WideDeep(schema, dim=4, hidden=(6, 5)).eval()
    logits = model(slate)
    weights = torch.cat([model.deep.query.weight, model.deep.item.weight], 1)
    for row in range(4):
        for column in range(5):
            fields = fields_of(model.sides, slate, row, column)
            first = weights @ fields[:, :-1].flatten() + model.deep.query.bias
            expected = fields[:, -1].sum() + model.out(model.deep(first))[0]
            torch.testing.assert_close(logits[row, column], expected)

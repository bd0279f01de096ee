"""Independent source: the sum of the weights, written out."""

import torch

from recsys.model.logistic_regression import LogisticRegression
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


def fields_of(sides: Sides, slate: Slate, row: int, column: int) -> torch.Tensor:
    """All field vectors of a pair, `[F, width]`."""
    index = slate.items[row, column : column + 1]
    item = sides.of_items(index, {}, lambda vectors: vectors)[0]
    return torch.cat([sides.of_slate(slate)[row], item])


def test_the_score_is_a_sum_of_weights(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = LogisticRegression(schema).eval()
    with torch.no_grad():
        model.common.fill_(0.3)
    logits = model(slate)
    for row in range(4):
        for column in range(5):
            weights = fields_of(model.sides, slate, row, column)
            torch.testing.assert_close(logits[row, column], 0.3 + weights.sum())


def test_a_number_counts_by_its_value(schema: Schema, slate: Slate) -> None:
    model = LogisticRegression(schema).eval()
    age = model.sides.of_query.maps[1].weight
    before = model(slate)
    with torch.no_grad():
        age += 1
    ages = next(field.table for field in schema.fields if field.name == "age")
    assert ages is not None
    torch.testing.assert_close(model(slate) - before, ages[slate.user].expand(-1, 5))

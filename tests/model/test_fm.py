"""Independent source: Rendle 2010, eq. 1, as a loop over pairs of fields."""

import torch

from recsys.model.fm import FM
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


def fields_of(sides: Sides, slate: Slate, row: int, column: int) -> torch.Tensor:
    """All field vectors of a pair, `[F, width]`."""
    index = slate.items[row, column : column + 1]
    item = sides.of_items(index, {}, lambda vectors: vectors)[0]
    return torch.cat([sides.of_slate(slate)[row], item])


def test_the_score_is_the_papers_sum_over_all_pairs_of_fields(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = FM(schema, dim=4).eval()
    with torch.no_grad():
        model.common.fill_(0.3)
    logits = model(slate)
    for row in range(4):
        for column in range(5):
            fields = fields_of(model.sides, slate, row, column)
            vectors, linear = fields[:, :-1], fields[:, -1]
            pairs = sum((vectors[i] * vectors[j]).sum() for i in range(len(vectors)) for j in range(i))
            torch.testing.assert_close(logits[row, column], 0.3 + linear.sum() + pairs)

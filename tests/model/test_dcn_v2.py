"""Independent source: Wang et al. 2021, eq. 1 and 2, one pair at a time."""

import pytest
import torch

from recsys.model.dcn_v2 import DCNv2
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


def fields_of(sides: Sides, slate: Slate, row: int, column: int) -> torch.Tensor:
    """All field vectors of a pair, `[F, width]`."""
    index = slate.items[row, column : column + 1]
    item = sides.of_items(index, {}, lambda vectors: vectors)[0]
    return torch.cat([sides.of_slate(slate)[row], item])


@pytest.mark.parametrize("structure", ["stacked", "parallel"])
def test_crosses_are_products_with_the_first_layer(schema: Schema, slate: Slate, structure: str) -> None:
    torch.manual_seed(0)
    model = DCNv2(schema, dim=4, layers=3, structure=structure, hidden=(6, 5)).eval()  # type: ignore[arg-type]
    logits = model(slate)
    for row in range(4):
        for column in range(5):
            first = fields_of(model.sides, slate, row, column).flatten()
            crossed = first
            for layer in model.crosses:
                crossed = first * (layer.map.weight @ crossed + layer.map.bias) + crossed
            assert model.deep is not None
            if structure == "stacked":
                expected = model.out(model.deep(crossed))
            else:
                expected = model.out(torch.cat([crossed, model.deep(first)]))
            torch.testing.assert_close(logits[row, column], expected[0])


def test_a_low_rank_matrix_is_a_product_of_two(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    low, full = (DCNv2(schema, dim=4, layers=1, rank=rank, hidden=()).eval() for rank in (2, None))
    down, up = low.crosses[0].map
    state = {name: values for name, values in low.state_dict().items() if ".map." not in name}
    state |= {"crosses.0.map.weight": up.weight @ down.weight, "crosses.0.map.bias": up.bias}
    full.load_state_dict(state)
    torch.testing.assert_close(low(slate), full(slate))

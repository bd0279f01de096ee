"""Independent source: Song et al. 2019, eq. 5-9, head by head and field by field."""

import torch

from recsys.model.autoint import AutoInt
from recsys.nn.field_attention import FieldAttention
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


def fields_of(sides: Sides, slate: Slate, row: int, column: int) -> torch.Tensor:
    """All field vectors of a pair, `[F, width]`."""
    index = slate.items[row, column : column + 1]
    item = sides.of_items(index, {}, lambda vectors: vectors)[0]
    return torch.cat([sides.of_slate(slate)[row], item])


def attend(layer: FieldAttention, fields: torch.Tensor) -> torch.Tensor:
    """The layer's output, field by field."""
    query, key, value = (part.chunk(layer.heads, -1) for part in layer.mixed(fields).chunk(3, -1))
    rows = []
    for place in range(len(fields)):
        heads = []
        for head in range(layer.heads):
            scores = torch.stack([query[head][place] @ key[head][other] for other in range(len(fields))])
            shares = scores.exp() / scores.exp().sum()
            heads.append(sum(share * vector for share, vector in zip(shares, value[head], strict=True)))
        rows.append((torch.cat(heads) + layer.residual(fields[place])).clamp_min(0))  # type: ignore[arg-type]
    return torch.stack(rows)


def test_fields_attend_to_each_other_layer_by_layer(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = AutoInt(schema, dim=4, layers=2, heads=2, width=3, hidden=(6, 5)).eval()
    logits = model(slate)
    for row in range(4):
        for column in range(5):
            fields = fields_of(model.sides, slate, row, column)
            seen = fields
            for layer in model.attention:
                assert isinstance(layer, FieldAttention)
                seen = attend(layer, seen)
            assert model.deep is not None
            expected = model.out(torch.cat([seen.flatten(), model.deep(fields.flatten())]))
            torch.testing.assert_close(logits[row, column], expected[0])


def test_attention_alone_is_read_where_there_is_no_hidden_layer(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = AutoInt(schema, dim=4, layers=1, heads=2, width=3, hidden=()).eval()
    logits = model(slate)
    layer = model.attention[0]
    assert isinstance(layer, FieldAttention)
    seen = attend(layer, fields_of(model.sides, slate, 1, 2))
    torch.testing.assert_close(logits[1, 2], model.out(seen.flatten())[0])

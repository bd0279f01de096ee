"""Independent source: Guo et al. 2017, eq. 1-4, as loops over pairs of fields."""

import torch

from recsys.model.deepfm import DeepFM
from recsys.types import Schema, Slate


def test_the_score_is_the_papers_sum_over_all_pairs_of_fields(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = DeepFM(schema, dim=4, hidden=(6, 5)).eval()
    with torch.no_grad():
        model.common.fill_(0.3)
    logits = model(slate)
    users = model.sides.of_slate(slate)
    for row in range(4):
        for column in range(5):
            index = slate.items[row, column : column + 1]
            item = model.sides.of_items(index, {}, lambda vectors: vectors)[0]
            fields = torch.cat([users[row], item])
            vectors, linear = fields[:, :-1], fields[:, -1]
            pairs = sum((vectors[i] * vectors[j]).sum() for i in range(len(vectors)) for j in range(i))
            split = len(users[row])
            first = model.deep.query(vectors[:split].flatten()) + model.deep.item(vectors[split:].flatten())
            expected = 0.3 + linear.sum() + pairs + model.out(model.deep(first))[0]
            assert torch.allclose(logits[row, column], expected, atol=1e-4)


def test_a_side_without_columns_adds_nothing_and_runs(schema: Schema, slate: Slate) -> None:
    alone = Schema(schema.n_users, schema.n_items, schema.fields[:2])
    logits = DeepFM(alone, dim=4)(slate)
    assert logits.shape == slate.items.shape
    assert torch.equal(logits, logits[:, :1].expand_as(logits))

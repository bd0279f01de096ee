"""Independent source: Deshpande and Karypis 2004, sections 3.1-3.3, as loops over sets of users."""

import pytest
import torch

from recsys.model.item_knn import ItemKNN, Similarity
from recsys.ops import statistics
from recsys.types import Schema, Slate, TrainRows


@pytest.mark.parametrize("similarity", ["cosine", "jaccard", "conditional"])
@pytest.mark.parametrize("neighbours", [3, 100])
def test_the_score_sums_the_likeness_of_the_k_nearest(
    schema: Schema, slate: Slate, similarity: Similarity, neighbours: int
) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(schema.n_users, schema.n_items, generator=generator) < 0.4
    user, item = x.nonzero(as_tuple=True)
    rows = TrainRows(user, item, torch.ones(len(user)))
    graph = statistics.link(rows, schema)
    model = ItemKNN(schema, graph, similarity=similarity, neighbours=neighbours, shrinkage=0.5, alpha=0.3)
    model.fit(rows)
    users = [set(x[:, i].nonzero().squeeze(1).tolist()) for i in range(schema.n_items)]

    def like(h: int, i: int) -> float:
        both, n, m = len(users[h] & users[i]), len(users[h]), len(users[i])
        below = {"cosine": (n * m) ** 0.5, "jaccard": len(users[h] | users[i]), "conditional": n * m**0.3}
        return both / (below[similarity] + 0.5) if both else 0.0

    def nearest(h: int) -> list[int]:
        others = [i for i in range(schema.n_items) if i != h]
        return sorted(others, key=lambda i: -like(h, i))[:neighbours]

    kept = torch.zeros(schema.n_items, schema.n_items)
    kept[torch.arange(schema.n_items)[:, None], model.near] = model.likeness
    for h in range(schema.n_items):
        expected = sorted((like(h, i) for i in nearest(h)), reverse=True)
        assert torch.allclose(model.likeness[h, : len(expected)], torch.tensor(expected), atol=1e-6)
        for i in model.near[h][model.likeness[h] > 0].tolist():
            assert abs(float(kept[h, i]) - like(h, i)) < 1e-6
    assert torch.allclose(model(slate), (x.float() @ kept)[slate.user[:, None], slate.items], atol=1e-5)

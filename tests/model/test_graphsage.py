"""Independent source: Hamilton et al. 2017, algorithm 1, as a loop over nodes."""

import torch

from recsys.model.graphsage import GraphSAGE
from recsys.ops import csr
from recsys.types import Graph, Schema, Slate

EDGES = [(0, 1), (0, 4), (3, 1), (3, 2), (6, 8)]


def made(schema: Schema, fanout: tuple[int, ...] = (3, 3)) -> GraphSAGE:
    user, item = torch.tensor(EDGES).T
    graph = Graph(csr.from_pairs(user, item, schema.n_users), csr.from_pairs(item, user, schema.n_items))
    torch.manual_seed(0)
    return GraphSAGE(schema, graph, dim=5, embedding=4, fanout=fanout).eval()


def slow(model: GraphSAGE, side: str, node: int, depth: int) -> torch.Tensor:
    if depth == 0:
        return model.inputs[side](torch.cat(model.banks[side](torch.tensor([node])), -1))[0]
    other = "item" if side == "user" else "user"
    near = [i for u, i in EDGES if u == node] if side == "user" else [u for u, i in EDGES if i == node]
    means = [slow(model, other, n, depth - 1) for n in near]
    mean = torch.stack(means).mean(0) if means else torch.zeros(5)
    layer = model.layers[depth - 1][side]
    out = layer.own(slow(model, side, node, depth - 1)) + layer.neighbours(mean)
    return out if depth == len(model.fanout) else out.relu()


def test_scoring_uses_all_neighbours_as_the_algorithm_says(schema: Schema, slate: Slate) -> None:
    model = made(schema)
    users = model.encode_users(slate)
    for row, user in enumerate(slate.user.tolist()):
        assert torch.allclose(users[row], slow(model, "user", user, 2), atol=1e-5)
    items = model.encode_items(torch.arange(schema.n_items))
    for item in range(schema.n_items):
        assert torch.allclose(items[item], slow(model, "item", item, 2), atol=1e-5)


def test_training_with_many_draws_comes_near_to_all_neighbours(schema: Schema, slate: Slate) -> None:
    model = made(schema, fanout=(4000,))
    exact = model.encode_users(slate)
    sampled = model.train().encode_users(slate)
    assert torch.allclose(exact, sampled, atol=0.05)


def test_vectors_are_computed_anew_after_training_went_on(schema: Schema, slate: Slate) -> None:
    model = made(schema)
    before = model.encode_users(slate).clone()
    model.train()
    with torch.no_grad():
        model.layers[1]["user"].own.bias.add_(1.0)
    model.eval()
    assert torch.allclose(model.encode_users(slate), before + 1.0, atol=1e-5)

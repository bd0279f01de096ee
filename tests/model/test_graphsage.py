"""Independent source: Hamilton et al. 2017, algorithm 1, as a loop over nodes."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from recsys.model.graphsage import GraphSAGE
from recsys.ops import csr
from recsys.types import Attribute, Counts, Csr, Facts, Graph, Schema, Slate, UserError

EDGES = [(0, 1), (0, 4), (3, 1), (3, 2), (6, 8)]
FRIENDS = {0: [3, 6], 3: [0], 5: [6, 0]}
NAMES = ("u0", "u3", "u6", "x")


def facts(graph: Graph) -> Facts:
    """Users and items by id; the users' column `friends`, in which x is the id of nobody."""
    lists = [[NAMES.index(f"u{f}") for f in FRIENDS.get(user, [])] + [3] for user in range(7)]
    ptr = torch.tensor([0, *(len(listed) for listed in lists)]).cumsum(0)
    listed = Csr(ptr, torch.tensor([place for listed in lists for place in listed]))
    users = {"friends": Attribute("categories", listed, NAMES), "age": Attribute("number", torch.zeros(7))}
    keys = {"user": [f"u{n}" for n in range(7)], "item": [f"i{n}" for n in range(9)]}
    return Facts(Counts(torch.zeros(7), torch.zeros(9), 5, 0), graph, users=users, keys=keys)


def made(
    schema: Schema,
    fanout: tuple[int, ...] = (3, 3),
    *,
    social: str | None = None,
    cold: float = 0.0,
    cold_items: float | None = None,
    hidden: float = 0.5,
    edges: list[tuple[int, int]] = EDGES,
) -> GraphSAGE:
    user, item = torch.tensor(edges).T
    graph = Graph(csr.from_pairs(user, item, schema.n_users), csr.from_pairs(item, user, schema.n_items))
    torch.manual_seed(0)
    options: dict[str, Any] = {"cold": cold, "cold_items": cold_items, "hidden": hidden}
    return GraphSAGE(
        schema, graph, facts(graph), dim=5, embedding=4, fanout=fanout, social=social, **options
    ).eval()


def averaged(vectors: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack(vectors).mean(0) if vectors else torch.zeros(5)


def slow(
    model: GraphSAGE,
    side: str,
    node: int,
    depth: int,
    *,
    social: bool = False,
    edges: list[tuple[int, int]] = EDGES,
) -> torch.Tensor:
    if depth == 0:
        return model.inputs[side](torch.cat(model.banks[side](torch.tensor([node])), -1))[0]

    def below(side: str, node: int) -> torch.Tensor:
        return slow(model, side, node, depth - 1, social=social, edges=edges)

    other = "item" if side == "user" else "user"
    near = [i for u, i in edges if u == node] if side == "user" else [u for u, i in edges if i == node]
    layer = model.layers[depth - 1][side]
    out = layer.own(below(side, node)) + layer.neighbours[0](averaged([below(other, n) for n in near]))
    if social and side == "user":
        out = out + layer.neighbours[1](averaged([below("user", f) for f in FRIENDS.get(node, [])]))
    return out if depth == len(model.fanout) else out.relu()


@pytest.mark.parametrize("social", [None, "friends"])
def test_scoring_uses_all_neighbours_as_the_algorithm_says(
    social: str | None, schema: Schema, slate: Slate
) -> None:
    model = made(schema, social=social)
    slate = replace(slate, user=torch.tensor([0, 3, 5, 6]))
    users = model.encode_users(slate)
    for row, user in enumerate(slate.user.tolist()):
        assert torch.allclose(users[row], slow(model, "user", user, 2, social=bool(social)), atol=1e-5)
    items = model.encode_items(torch.arange(schema.n_items))
    for item in range(schema.n_items):
        assert torch.allclose(items[item], slow(model, "item", item, 2, social=bool(social)), atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_normalized_scores_are_cosines_over_the_temperature(
    training: bool, schema: Schema, slate: Slate
) -> None:
    model = made(schema, cold=0.5).train(training)
    torch.manual_seed(1)
    cosines = torch.cosine_similarity(
        model.encode_users(slate)[:, None], model.encode_items(slate.items), dim=-1
    )
    model.normalized, model.temperature = True, 0.1
    torch.manual_seed(1)
    assert torch.allclose(model(slate), cosines / 0.1, atol=1e-4)


@pytest.mark.parametrize("social", [None, "friends"])
def test_training_with_many_draws_comes_near_to_all_neighbours(
    social: str | None, schema: Schema, slate: Slate
) -> None:
    model, slate = made(schema, (4000,), social=social), replace(slate, labels=torch.zeros(4, 5))
    exact = model.encode_users(slate)
    sampled = model.train().encode_users(slate)
    assert torch.allclose(exact, sampled, atol=0.05)


def test_training_hides_the_links_that_it_is_asked_to_foretell(schema: Schema) -> None:
    asked = Slate(
        torch.tensor([0, 3]),
        torch.tensor([[1, 7], [2, 7]]),
        torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
        torch.ones(2, 2, dtype=torch.bool),
    )
    model = made(schema, (4000,), hidden=1.0).train()
    rest = [edge for edge in EDGES if edge not in ((0, 1), (3, 2))]
    users = model.encode_users(asked)
    items = model.encode_items(torch.tensor([1, 2, 8]))
    for row, user in enumerate([0, 3]):
        assert torch.allclose(users[row], slow(model, "user", user, 1, edges=rest), atol=0.05)
    for row, item in enumerate([1, 2, 8]):
        assert torch.allclose(items[row], slow(model, "item", item, 1, edges=rest), atol=0.05)


def test_a_node_that_training_does_not_know_has_no_id_and_known_ones_lose_it_at_times(
    schema: Schema, slate: Slate
) -> None:
    model = made(schema, (2,), cold=0.5)
    own = model._own("item", torch.arange(9), torch.zeros(9, dtype=torch.bool))
    linked = {item for _, item in EDGES}
    for item in range(9):
        vectors = model.banks["item"](torch.tensor([item]))
        vectors[0] = vectors[0] * (item in linked)
        assert torch.allclose(own[item], model.inputs["item"](torch.cat(vectors, -1))[0], atol=1e-6)
    model.train()
    new = model._sampled("item", torch.tensor([1]), 1, torch.tensor([True]))
    bare = model._own("item", torch.tensor([1]), torch.tensor([True]))
    assert torch.allclose(new, model.layers[0]["item"].own(bare), atol=1e-6)


def test_items_stay_known_while_every_user_is_taken_for_a_new_one(schema: Schema, slate: Slate) -> None:
    model = made(schema, (4000,), cold=1.0, cold_items=0.0, hidden=0.0).train()
    for item, vector in enumerate(model.encode_items(torch.arange(schema.n_items))):
        assert torch.allclose(vector, slow(model, "item", item, 1), atol=0.05)
    bare = model._own("user", slate.user, torch.ones(len(slate.user), dtype=torch.bool))
    assert torch.allclose(model.encode_users(slate), model.layers[0]["user"].own(bare), atol=1e-6)


def test_shared_vectors_serve_both_roles_and_links_go_both_ways(schema: Schema) -> None:
    people = Schema(7, 7, tuple(field for field in schema.fields if field.side == "user"))
    user, item = torch.tensor([(0, 1), (4, 0), (2, 3)]).T
    graph = Graph(csr.from_pairs(user, item, 7), csr.from_pairs(item, user, 7))
    keys = {side: list("abcdefg") for side in ("user", "item")}
    known = Facts(Counts(torch.zeros(7), torch.zeros(7), 3, 0), graph, keys=keys)
    torch.manual_seed(0)
    model = GraphSAGE(people, graph, known, dim=5, embedding=4, fanout=(3,), shared=True).eval()
    every = torch.arange(7)
    labels = torch.zeros(7, 7)
    asked = Slate(every, every, labels, labels == 0)
    vectors = model.encode_users(asked)
    assert torch.equal(vectors, model.encode_items(every))
    own = model._own("user", every, labels[0] > 0)
    expected = model.layers[0]["user"](own[:1], (own[1:2] + own[4:5]) / 2)
    assert torch.allclose(vectors[:1], expected, atol=1e-6)


def test_items_that_are_no_users_and_columns_that_list_none_are_refused(schema: Schema) -> None:
    user, item = torch.tensor(EDGES).T
    graph = Graph(csr.from_pairs(user, item, 7), csr.from_pairs(item, user, 9))
    with pytest.raises(UserError, match=r"model\.shared=true.*data=lastfm_friends"):
        GraphSAGE(schema, graph, facts(graph), shared=True)
    with pytest.raises(UserError, match=r"model\.social=age.*choose one of friends"):
        GraphSAGE(schema, graph, facts(graph), social="age")
    strangers = replace(facts(graph), keys={"user": list("abcdefg"), "item": list("abcdefghi")})
    with pytest.raises(UserError, match=r"model\.social=friends: lists no id of a user, such as 'a'"):
        GraphSAGE(schema, graph, strangers, social="friends")


def test_vectors_are_computed_anew_after_training_went_on(schema: Schema, slate: Slate) -> None:
    model = made(schema)
    before = model.encode_users(slate).clone()
    model.train()
    with torch.no_grad():
        model.layers[1]["user"].own.bias.add_(1.0)
    model.eval()
    assert torch.allclose(model.encode_users(slate), before + 1.0, atol=1e-5)


def test_decay_shrinks_what_the_slate_reads_and_not_its_neighbours(schema: Schema, slate: Slate) -> None:
    model = made(schema).train()
    assert model.penalty(slate) is None
    model.decay = 0.5
    users, items = (
        torch.cat(model.banks[s](of), -1) for s, of in (("user", slate.user), ("item", slate.items))
    )
    penalty = model.penalty(slate)
    assert penalty is not None
    assert torch.isclose(penalty, 0.5 * (users.square().sum() + items.square().sum()) / 8)
    assert torch.autograd.grad(penalty, model.layers.parameters(), allow_unused=True)[0] is None

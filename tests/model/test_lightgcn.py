"""Independent source: He et al. 2020, eq. 3-9 and 15, with dense matrices in float64."""

import pytest
import torch
from torch import Tensor

from recsys.loss.bpr import BPR
from recsys.model.lightgcn import LightGCN
from recsys.nn.propagate import smooth
from recsys.ops import adjacency, csr
from recsys.types import Graph, Schema, Slate, UserError

EDGES = [(0, 1), (0, 4), (3, 1), (3, 2), (6, 8), (5, 1)]


def linked(schema: Schema) -> Graph:
    user, item = torch.tensor(EDGES).T
    return Graph(csr.from_pairs(user, item, schema.n_users), csr.from_pairs(item, user, schema.n_items))


def made(schema: Schema, layers: int = 3) -> LightGCN:
    torch.manual_seed(0)
    return LightGCN(schema, linked(schema), dim=5, layers=layers, decay=0.1)


def dense(schema: Schema) -> Tensor:
    taken = torch.zeros(schema.n_users, schema.n_items, dtype=torch.float64)
    for user, item in EDGES:
        taken[user, item] = 1
    size = schema.n_users + schema.n_items
    matrix = torch.zeros(size, size, dtype=torch.float64)
    matrix[: schema.n_users, schema.n_users :] = taken
    matrix[schema.n_users :, : schema.n_users] = taken.T
    scale = matrix.sum(1).pow(-0.5)
    scale[scale.isinf()] = 0
    return scale[:, None] * matrix * scale


def expected(model: LightGCN, schema: Schema, slate: Slate, layers: int) -> Tensor:
    first = torch.cat([model.users.bank.encoders[0].weight, model.items.bank.encoders[0].weight]).double()
    powers = [torch.matrix_power(dense(schema), k) @ first for k in range(layers + 1)]
    vectors = torch.stack(powers).mean(0)
    users, items = vectors[slate.user], vectors[schema.n_users + slate.items]
    return torch.einsum("bd,bcd->bc", users, items)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("training", [True, False])
def test_scores_are_those_of_the_dense_matrices(
    layers: int, training: bool, schema: Schema, slate: Slate
) -> None:
    model = made(schema, layers).train(training)
    assert torch.allclose(model(slate).double(), expected(model, schema, slate, layers), atol=1e-5)


def test_normalized_scores_are_cosines_over_the_temperature(schema: Schema, slate: Slate) -> None:
    plain, cosines = made(schema), made(schema)
    cosines.normalized, cosines.temperature = True, 0.1
    lengths = plain.encode_users(slate).norm(dim=-1)[:, None] * plain.encode_items(slate.items).norm(dim=-1)
    assert torch.allclose(cosines(slate), plain(slate) / lengths / 0.1, atol=1e-5)


def test_gradients_are_those_of_the_dense_matrices(schema: Schema, slate: Slate) -> None:
    model = made(schema)
    tables = [model.users.bank.encoders[0].weight, model.items.bank.encoders[0].weight]
    ours = torch.autograd.grad(BPR()(model(slate), slate), tables)
    theirs = torch.autograd.grad(BPR()(expected(model, schema, slate, 3), slate), tables)
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_smoothing_passes_the_gradient_check(schema: Schema) -> None:
    matrix = adjacency.normalised(linked(schema))
    x = torch.randn(16, 2, dtype=torch.float64, requires_grad=True)
    weights = matrix.weights.double()
    assert torch.autograd.gradcheck(lambda v: smooth(v, matrix.links.ptr, matrix.links.idx, weights, 2), (x,))


def test_a_training_step_smooths_once_and_scoring_once_a_switch(
    schema: Schema, slate: Slate, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, calls = made(schema), []
    smoothed = model._smoothed
    monkeypatch.setattr(model, "_smoothed", lambda: calls.append(1) or smoothed())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(3):
        BPR()(model(slate), slate).backward()
        optimizer.step()
        assert len(calls) == step + 1
    model.eval()
    before = model(slate)
    assert torch.equal(model(slate), before)
    assert len(calls) == 4
    assert torch.allclose(before.double(), expected(model, schema, slate, 3), atol=1e-5)


def test_a_look_without_gradients_in_training_leaves_the_steps_gradient_whole(
    schema: Schema, slate: Slate
) -> None:
    model = made(schema).train()
    with torch.no_grad():
        model.encode_users(slate)
    assert model.encode_items(slate.items).requires_grad


def test_the_penalty_is_of_the_first_layers_vectors_alone(schema: Schema, slate: Slate) -> None:
    model = made(schema)
    users, items = (side.bank.encoders[0].weight for side in (model.users, model.items))
    squares = users[slate.user].square().sum() + items[slate.items].square().sum()
    penalty = model.penalty(slate)
    assert penalty is not None
    assert torch.isclose(penalty, 0.1 * squares / (2 * 4))


def test_dropped_ids_are_refused_with_what_to_choose(schema: Schema) -> None:
    without = Schema(7, 9, tuple(field for field in schema.fields if field.type != "id"))
    with pytest.raises(UserError, match=r"model=lightgcn reads the user id.*encoders/id=embedding"):
        made(without)

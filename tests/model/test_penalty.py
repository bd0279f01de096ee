"""Independent source: the sum written out, and BPR's published update (Rendle et al. 2009, fig. 4)."""

from dataclasses import replace

import pytest
import torch

from recsys.loss.bpr import BPR
from recsys.model.mf import MF
from recsys.model.two_tower import TwoTower
from recsys.nn import decay
from recsys.ops import statistics
from recsys.sampling import Sampler
from recsys.train.evaluator import Evaluator
from recsys.train.module import Recommender
from recsys.train.sharing import share
from recsys.types import Encoded, Facts, HoldoutRows, Protocol, Schema, Slate, TrainRows


def test_it_is_half_the_squares_over_the_rows_and_leaves_masked_cells_out(slate: Slate) -> None:
    users, items = torch.randn(4, 3), torch.randn(4, 5, 3)
    mask = slate.mask.clone()
    mask[2, 3] = False
    squares = sum(float(v) ** 2 for v in users.flatten())
    squares += sum(
        float(v) ** 2 for row in range(4) for at in range(5) if (row, at) != (2, 3) for v in items[row, at]
    )
    assert torch.isclose(decay.of_slate(users, items, replace(slate, mask=mask)), torch.tensor(squares / 8))


def test_shared_candidates_count_once(slate: Slate) -> None:
    users, items = torch.randn(4, 3), torch.randn(5, 3)
    expected = (users.square().sum() + items.square().sum()) / 8
    assert torch.isclose(decay.of_slate(users, items, slate), expected)


def test_mf_without_biases_moves_as_bpr_says(schema: Schema) -> None:
    """x = <w, h_i - h_j>; w += lr (sigmoid(-x) (h_i - h_j) - decay w), and likewise for h_i and h_j."""
    model = MF(schema, dim=3, bias=False, decay=0.2)
    users, items = (side.bank.encoders[0].weight for side in (model.users, model.items))
    w, h, g = (v.detach().clone() for v in (users[2], items[1], items[4]))
    labels = torch.tensor([[1.0, 0.0]])
    slate = Slate(torch.tensor([2]), torch.tensor([[1, 4]]), labels, torch.ones(1, 2, dtype=torch.bool))
    penalty = model.penalty(slate)
    assert penalty is not None
    (BPR()(model(slate), slate) + penalty).backward()
    with torch.no_grad():
        users -= 0.1 * users.grad  # type: ignore[operator]
        items -= 0.1 * items.grad  # type: ignore[operator]
    pull = torch.sigmoid(-(w @ (h - g)))
    assert torch.allclose(users[2], w + 0.1 * (pull * (h - g) - 0.2 * w), atol=1e-6)
    assert torch.allclose(items[1], h + 0.1 * (pull * w - 0.2 * h), atol=1e-6)
    assert torch.allclose(items[4], g + 0.1 * (-pull * w - 0.2 * g), atol=1e-6)


def test_two_towers_shrink_the_fields_of_both_sides(schema: Schema, slate: Slate) -> None:
    model = TwoTower(schema, decay=0.5)
    users = torch.cat(model.users(slate.user) + model.context.encode(slate.context), -1)
    items = torch.cat(model.items(slate.items), -1)
    penalty = model.penalty(slate)
    assert penalty is not None
    assert torch.isclose(penalty, 0.5 * (users.square().sum() + items.square().sum()) / 8)
    assert TwoTower(schema).penalty(slate) is None


class Given(Sampler):
    """Every batch is the same slate."""

    def __init__(self, slate: Slate) -> None:
        super().__init__()
        self.slate = slate

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        return self.slate


def test_training_minimises_the_loss_and_the_penalty_and_logs_the_loss_alone(schema: Schema) -> None:
    labels = torch.tensor([[1.0, 0.0]])
    slate = Slate(torch.tensor([2]), torch.tensor([[1, 4]]), labels, torch.ones(1, 2, dtype=torch.bool))
    rows = TrainRows(torch.tensor([2]), torch.tensor([1]), torch.ones(1))
    held = HoldoutRows(rows.user, rows.item, rows.label)
    encoded = Encoded(schema, rows, held, held)
    facts = Facts(statistics.count(rows, schema), statistics.link(rows, schema))
    model = MF(schema, decay=0.5)
    trained = Recommender(
        model, Evaluator({}, Protocol(), encoded, facts, {}), seed=0, loss=BPR(), sampler=Given(slate)
    )
    alone, penalty = BPR()(model(slate), slate), model.penalty(slate)
    assert penalty is not None
    assert penalty > 0
    step = trained.training_step(rows, 0)
    assert step is not None
    assert torch.isclose(step, alone + penalty)
    assert torch.isclose(trained.losses[0], alone)


def test_what_is_not_learnt_from_is_not_shrunk(slate: Slate) -> None:
    users, items, shared = torch.randn(4, 3), torch.randn(4, 5, 3), torch.randn(5, 3)
    weights = torch.ones(4, 5)
    weights[1], weights[2, 3], weights[:, 0] = 0, 0, 0
    slate = replace(slate, mask=torch.ones(4, 5, dtype=torch.bool), weights=weights)
    left = users[[0, 2, 3]].square().sum()
    own = (items.square().sum(-1) * weights).sum()
    assert torch.isclose(decay.of_slate(users, items, slate), (left + own) / 8)
    assert torch.isclose(decay.of_slate(users, shared, slate), (left + shared[1:].square().sum()) / 8)


@pytest.mark.parametrize("shared", [True, False])
def test_the_mean_over_the_shares_of_a_slate_is_that_of_the_slate(shared: bool, slate: Slate) -> None:
    users, items = torch.randn(4, 3), torch.randn(5, 3) if shared else torch.randn(4, 5, 3)
    slate = replace(slate, items=slate.items[0] if shared else slate.items)
    parts = []
    for rank in range(2):
        part = share(slate, rank, 2)
        parts.append(decay.of_slate(users[rank::2], items if shared else items[rank::2], part))
    assert torch.isclose(torch.stack(parts).mean(), decay.of_slate(users, items, slate))

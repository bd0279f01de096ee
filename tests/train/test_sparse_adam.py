"""SparseAdam against torch's Adam where every row is touched, and against its formula row by row elsewhere."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from recsys import check, flow, moments
from recsys.build import build
from recsys.commands import main
from recsys.compose import Request, build_config, groups, session
from recsys.encode import encode, restore
from recsys.train.optimizers.sparse_adam import SparseAdam

LR, BETAS, EPS, DECAY = 0.05, (0.9, 0.99), 1e-8, 0.1


def by_hand(table: Tensor, gradients: list[Tensor], decay: float) -> Tensor:
    """Each row's own loop over the steps, in float64 numbers."""
    after = table.double().clone()
    for row in range(len(after)):
        mean = square = torch.zeros_like(after[row])
        for time, gradient in enumerate(gradients, 1):
            g = gradient[row].double()
            if not bool(g.any()):
                continue
            g = g + decay * after[row]
            mean = BETAS[0] * mean + (1 - BETAS[0]) * g
            square = BETAS[1] * square + (1 - BETAS[1]) * g**2
            unbiased = mean / (1 - BETAS[0] ** time)
            after[row] -= LR * unbiased / (torch.sqrt(square / (1 - BETAS[1] ** time)) + EPS)
    return after


def lookups(steps: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randint(0, 12, (6,), generator=generator) for _ in range(steps)]


@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("way", ["sparse", "dense", "both"])
def test_touched_rows_follow_the_formula_and_others_stay(way: str, decay: float) -> None:
    torch.manual_seed(0)
    table = nn.Embedding(15, 4, sparse=way != "dense")
    optimizer = SparseAdam(
        [{"params": [table.weight], "rows": True}], lr=LR, betas=BETAS, eps=EPS, weight_decay=decay
    )
    start, gradients = table.weight.detach().clone(), []
    for index in lookups(5):
        factor = torch.linspace(-1, 1, 24).view(6, 4)
        optimizer.zero_grad()
        vectors = table(index)
        if way == "both":
            vectors = (vectors + embedding(index, table.weight)) / 2
        (vectors * factor).sum().backward()
        gradients.append(torch.zeros(15, 4).index_add(0, index, factor))
        optimizer.step()
    expected = by_hand(start, gradients, decay)
    torch.testing.assert_close(table.weight.detach().double(), expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(table.weight[12:], start[12:])


def test_where_every_row_is_touched_it_is_adam() -> None:
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Embedding(4, 3, sparse=True), nn.Linear(3, 2))
    theirs = nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 2))
    theirs.load_state_dict(ours.state_dict())
    groups = [{"params": list(ours[1].parameters())}, {"params": list(ours[0].parameters()), "rows": True}]
    optimizers = SparseAdam(groups, lr=LR), torch.optim.Adam(theirs.parameters(), lr=LR)
    for _ in range(6):
        for net, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            net(torch.tensor([0, 1, 2, 3, 3])).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict())


def test_a_padding_row_stays() -> None:
    table = nn.Embedding(3, 2, padding_idx=0, sparse=True)
    optimizer = SparseAdam([{"params": [table.weight], "rows": True}], lr=LR)
    table(torch.tensor([0, 2])).sum().backward()
    optimizer.step()
    assert not bool(table.weight[0].any())


def stepped(model: str, optimizer: str) -> tuple[dict[str, Tensor], dict[str, Tensor], flow.Recommender]:
    """Weights before and after one step on invented events."""
    request = Request("train", ())
    with session(request):
        words = [f"model={model}", f"optimizer={optimizer}", "optimizer.lr=0.05"]
        parts = build(build_config(request, words), groups(request.folders))
    artifact = encode(check._invented(parts), parts)
    encoded = restore(artifact, parts)
    recommender = flow.assemble(parts, encoded, moments.restore(parts, artifact.tensors, artifact.states))
    data = flow.data_module(parts, encoded, recommender)
    before = {name: value.clone() for name, value in recommender.state_dict().items()}
    check._step(recommender, data)
    return before, dict(recommender.state_dict()), recommender


@pytest.mark.parametrize("model", ["mf", "two_tower", "deepfm", "graphsage"])
def test_one_step_of_a_model_is_adams_step_on_touched_rows_and_none_on_others(
    model: str, workplace: object
) -> None:
    before, ours, recommender = stepped(model, "sparse_adam")
    same, theirs, _ = stepped(model, "adam")
    tables = [p.grad for p in recommender.parameters() if p.grad is not None and p.grad.is_sparse]
    assert tables, "no table has sparse gradients"
    torch.testing.assert_close(before, same, rtol=0, atol=0)
    # Adam's first step leaves a row without gradient where it is, so the first steps are equal.
    torch.testing.assert_close(ours, theirs)
    assert any(not torch.equal(before[name], ours[name]) for name in before)


def test_a_run_goes_on_to_the_same_numbers(workplace: object, tiny: list[str]) -> None:
    import json
    from pathlib import Path

    words = [*tiny, "model=mf", "optimizer=sparse_adam", "optimizer.lr=0.01", "trainer.gradient_clip_val=0.5"]
    assert main(["train", *words, "trainer.max_epochs=3", "hydra.run.dir=whole"]) == 0
    assert main(["train", *words, "trainer.max_epochs=1", "hydra.run.dir=parts"]) == 0
    assert main(["train", "ckpt_path=parts/checkpoints/last.ckpt", "trainer.max_epochs=3"]) == 0
    whole, parts = (json.loads(Path(name, "metrics.json").read_text()) for name in ("whole", "parts"))
    assert whole == parts


def test_the_number_of_the_step_follows_a_checkpoint_to_the_device() -> None:
    """A checkpoint is read on the CPU; the step of an optimizer that does not say `fused` is left there."""
    weight = nn.Parameter(torch.zeros(3, device="meta"))
    weight.grad = torch.zeros_like(weight)
    optimizer = SparseAdam([weight], lr=LR)
    moments = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
    optimizer.state[weight].update(step=torch.tensor(3.0), **moments)
    optimizer.step()
    assert optimizer.state[weight]["step"].device == weight.device

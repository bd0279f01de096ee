"""Independent source: the formula of Shen et al. 2021 in dense numpy, float64."""

import numpy as np
import pytest
import torch

from recsys.model.gf_cf import GFCF
from recsys.ops import statistics
from recsys.types import Schema, Slate, TrainRows, UserError

USERS, ITEMS = 60, 45


def world() -> tuple[np.ndarray, Schema, TrainRows]:
    """Users of one bent each, so that singular values are apart; user 2 and item 5 have no positives."""
    generator = torch.Generator().manual_seed(3)
    bent = torch.rand(USERS, 1, generator=generator) * torch.rand(1, ITEMS, generator=generator)
    taken = torch.rand(USERS, ITEMS, generator=generator) < bent
    taken[2], taken[:, 5] = False, False
    user, item = taken.nonzero(as_tuple=True)
    return taken.double().numpy(), Schema(USERS, ITEMS, ()), TrainRows(user, item, torch.ones(len(user)))


def formula(taken: np.ndarray, rank: int, alpha: float) -> np.ndarray:
    """Scores of all users and items with every matrix written out."""
    of_users, of_items = taken.sum(1), taken.sum(0)
    user_scale = np.diag([n**-0.5 if n else 0 for n in of_users])
    item_scale = np.diag([n**-0.5 if n else 0 for n in of_items])
    normalised = user_scale @ taken @ item_scale
    values, vectors = np.linalg.eigh(normalised.T @ normalised)
    kept = vectors[:, np.argsort(-values)[:rank]]
    low_pass = item_scale @ kept @ kept.T @ np.diag(of_items**0.5)
    return taken @ (normalised.T @ normalised + alpha * low_pass)


def fitted(rank: int, alpha: float) -> GFCF:
    _, schema, rows = world()
    model = GFCF(schema, statistics.link(rows, schema), rank=rank, alpha=alpha)
    model.fit(rows)
    return model


def everyone(items: torch.Tensor) -> Slate:
    user = torch.arange(USERS)
    labels = torch.zeros(USERS, items.shape[-1])
    return Slate(user, items, labels, labels == 0)


@pytest.mark.parametrize("rank", [1, 4, 30])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 2.0])
def test_scores_are_the_two_filters(rank: int, alpha: float) -> None:
    taken, *_ = world()
    scores = fitted(rank, alpha)(everyone(torch.arange(ITEMS)))
    assert np.allclose(scores, formula(taken, rank, alpha), atol=1e-5)


def test_candidates_of_ones_own_are_scored_as_those_that_all_share() -> None:
    model = fitted(4, 0.3)
    items = torch.randint(0, ITEMS, (USERS, 6), generator=torch.Generator().manual_seed(1))
    everything = model(everyone(torch.arange(ITEMS)))
    assert torch.allclose(model(everyone(items)), everything.gather(1, items), atol=1e-6)


def test_without_positives_nothing_is_scored() -> None:
    scores = fitted(4, 0.3)(everyone(torch.arange(ITEMS)))
    assert not scores[2].any()
    assert not scores[:, 5].any()


@pytest.mark.parametrize("rank", [4, 30])
def test_fitting_again_gives_the_same_vectors(rank: int) -> None:
    assert torch.equal(fitted(rank, 0.3).filter.vectors, fitted(rank, 0.3).filter.vectors)


def test_a_state_dict_carries_the_fit() -> None:
    _, schema, rows = world()
    before = fitted(4, 0.3)
    after = GFCF(schema, statistics.link(rows, schema), rank=4, alpha=0.3)
    after.load_state_dict(before.state_dict())
    slate = everyone(torch.arange(ITEMS))
    assert set(before.state_dict()) == {"filter.vectors"}
    assert torch.equal(before(slate), after(slate))


def test_a_rank_beyond_the_catalogue_is_cut() -> None:
    assert fitted(1000, 0.3).filter.vectors.shape == (ITEMS, ITEMS - 1)


def test_singular_vectors_that_are_not_found_are_refused_by_their_key(schema: Schema) -> None:
    """A graph without links: Lanczos iterations cannot start."""
    rows = TrainRows(torch.tensor([0]), torch.tensor([0]), torch.zeros(1))
    model = GFCF(schema, statistics.link(rows, schema), rank=1)
    with pytest.raises(UserError, match=r"model.rank=1: "):
        model.fit(rows)

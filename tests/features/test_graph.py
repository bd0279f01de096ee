"""By hand on a graph of three users and three items, and random labels that the features must not give away."""

import math

import pytest
import torch

from recsys.features.graph import GraphFeatures
from recsys.types import Columns, History, UserError

COLUMNS = Columns(
    {"user_id": "id", "friends": "categories", "age": "number"}, {"item_id": "id"}, {"at": "time"}, {}
)


def log(links: list[tuple[int, int]], n: int, cutoff: int = 100) -> History:
    user, item = (torch.tensor([link[at] for link in links]) for at in (0, 1))
    time = torch.arange(len(links))
    return History(user, item, time, torch.ones(len(links)), n, n, cutoff)


def crossed(history: History, user: list[int], item: list[int]) -> dict[str, list[float]]:
    feature = GraphFeatures()
    asked = torch.tensor(user), torch.tensor(item), torch.zeros(len(user), dtype=torch.int64)
    return {n: v.tolist() for n, v in feature.answer(feature.index(history), "cross", *asked).items()}


def test_a_user_shares_with_the_audience_what_both_took_up() -> None:
    # Users 0 and 1 share item 0; item 1 is only user 1's, item 2 only user 2's.
    found = crossed(log([(0, 0), (1, 0), (1, 1), (2, 2)], 3), [0, 0], [1, 2])
    assert found["graph_common_neighbours"] == [1, 0]
    assert found["graph_adamic_adar"] == pytest.approx([1 / math.log(2), 0])


def test_a_link_does_not_count_for_itself() -> None:
    """With the link (0, 1) or without it, the pair has the same common neighbours."""
    links = [(0, 0), (1, 0), (1, 1), (2, 2)]
    without, with_it = (crossed(log(of, 3), [0], [1]) for of in (links, [*links, (0, 1)]))
    assert without == with_it
    assert crossed(log([(0, 0)], 3), [0], [0])["graph_common_neighbours"] == [0]


def test_on_random_links_they_do_not_tell_links_from_others() -> None:
    """No pattern to learn: what separates a link from a non-link would be the link itself."""
    linked = torch.rand(60, 60, generator=torch.Generator().manual_seed(0)) < 0.1
    user, item = (torch.arange(60).repeat_interleave(60), torch.arange(60).repeat(60))
    found = crossed(log([tuple(pair) for pair in linked.nonzero().tolist()], 60), user.tolist(), item.tolist())
    for values in found.values():
        score = torch.tensor(values)
        links, others = score[linked.flatten()], score[~linked.flatten()]
        wins = (links[:, None] > others).double() + (links[:, None] == others) / 2
        assert 0.45 < wins.mean() < 0.55


def test_links_after_the_cutoff_are_not_in_the_graph() -> None:
    feature = GraphFeatures()
    index = feature.index(log([(0, 0), (0, 1), (0, 2)], 3, cutoff=1))
    found = feature.answer(index, "user", torch.tensor([0]), None, torch.tensor([50]))
    assert found["user_degree"].item() == 2


@pytest.mark.parametrize("friends", ["age", "nobody"])
def test_friends_that_are_no_list_are_refused(friends: str) -> None:
    with pytest.raises(UserError, match=rf"^features\.graph\.friends={friends}: .*; choose one of friends$"):
        GraphFeatures(friends=friends).columns(COLUMNS)

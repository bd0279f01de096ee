"""By hand on a graph of three users and three items, and random labels that the features must not give away."""

import math
from dataclasses import replace

import polars as pl
import pytest
import torch

from recsys.features.graph import GraphFeatures
from recsys.moments import history
from recsys.split import Splitter
from recsys.split.leave_last_out import LeaveLastOut
from recsys.split.random import Random
from recsys.types import Columns, Events, History, Holdout, UserError

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


@pytest.mark.parametrize("split", [LeaveLastOut(), Random(valid=0.2, test=0.2, seed=3)])
def test_held_out_links_before_the_cutoff_are_not_in_the_graph(split: Splitter) -> None:
    """The answers are those of a log that never had them, though training goes on after them."""
    generator = torch.Generator().manual_seed(0)
    user, item = (torch.randint(6, (60,), generator=generator).tolist() for _ in range(2))
    columns = {"user": user, "item": item, "time": list(range(60)), "label": [1.0] * 60}
    frames = (pl.DataFrame({"user_id": range(6)}), pl.DataFrame({"item_id": range(6)}))
    log = pl.DataFrame(columns).unique(["user", "item"], keep="first", maintain_order=True)
    declared = Columns({"user_id": "id"}, {"item_id": "id"}, {"at": "time"}, {})
    parts = split.split(Events(log, *frames, declared))
    train = parts.train.events
    assert (parts.valid.events.log["time"] < train.log["time"].max()).any()
    assert (parts.test.events.log["time"] < train.log["time"].max()).any()
    nothing = replace(train, log=train.log.clear())
    alone = replace(parts, valid=Holdout(nothing), test=Holdout(nothing))
    feature, raw = GraphFeatures(), {"user": {}, "item": {}}
    asked = torch.arange(6).repeat_interleave(6), torch.arange(6).repeat(6), torch.full((36,), 99)
    found, expected = (
        {
            name: values.tolist()
            for side in ("user", "item", "cross")
            for name, values in feature.answer(feature.index(history(one, raw)), side, *asked).items()
        }
        for one in (parts, alone)
    )
    assert found == expected
    pairs = set(zip(train.log["user"].to_list(), train.log["item"].to_list(), strict=True))
    degrees = [sum(of == who for of, _ in pairs) for who in range(6)]
    assert found["user_degree"][::6] == degrees


@pytest.mark.parametrize("friends", ["age", "nobody"])
def test_friends_that_are_no_list_are_refused(friends: str) -> None:
    with pytest.raises(UserError, match=rf"^features\.graph\.friends={friends}: .*; choose one of friends$"):
        GraphFeatures(friends=friends).columns(COLUMNS)

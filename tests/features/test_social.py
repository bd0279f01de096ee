"""Links between users, counted by loops over sets of neighbours."""

import math
from dataclasses import replace

import polars as pl
import pytest
import torch

from recsys import audit, moments
from recsys.features import Feature
from recsys.features.social import Social
from recsys.split.links import Links
from recsys.types import Columns, Events, History, Holdout, Split, Train, UserError

USERS = 12
COLUMNS = Columns({"user_id": "id", "likes": "categories"}, {"friend_id": "id", "likes": "categories"})


def events(seed: int = 0) -> Events:
    """Friendships at random, each from either side, without a time."""
    drawn = torch.rand(USERS, USERS, generator=torch.Generator().manual_seed(seed)) < 0.2
    linked = (drawn | drawn.T) & ~torch.eye(USERS, dtype=torch.bool)
    user, item = linked.nonzero().T.tolist()
    log = pl.DataFrame({"user": user, "item": item, "label": [1.0] * len(user)})
    log = log.with_columns(pl.col("user", "item").cast(pl.UInt32))
    ids, likes = [f"k{n}" for n in range(USERS)], [["a"]] * USERS
    users, items = (pl.DataFrame({name: ids, "likes": likes}) for name in ("user_id", "friend_id"))
    return Events(log, users, items, COLUMNS)


def neighbours(log: pl.DataFrame) -> dict[int, set[int]]:
    near = {n: set[int]() for n in range(USERS)}
    for user, item in log.select("user", "item").iter_rows():
        near[user].add(item)
        near[item].add(user)
    return near


def every(feature: Feature, history: History) -> dict[str, list[list[float]]]:
    """The answers to all pairs."""
    user, item = torch.arange(USERS).repeat_interleave(USERS), torch.arange(USERS).repeat(USERS)
    found = feature.answer(feature.index(history), "cross", user, item, torch.zeros_like(user))
    return {name: values.view(USERS, USERS).tolist() for name, values in found.items()}


def history_of(split: Split) -> History:
    return moments.history(split, {"user": {}, "item": {}})


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_users_share_the_neighbours_that_training_links_give_both(seed: int) -> None:
    split = Links(valid=0.2, test=0.2, seed=seed).split(events(seed))
    found = every(Social(), history_of(split))
    near = neighbours(split.train.events.log)
    for user in range(USERS):
        for other in range(USERS):
            both = near[user] & near[other] if user != other else set()
            assert found["social_common_neighbours"][user][other] == len(both)
            expected = sum(1 / math.log(len(near[w])) for w in both)
            assert found["social_adamic_adar"][user][other] == pytest.approx(expected, rel=1e-6)


def test_held_out_links_change_nothing() -> None:
    split = Links(valid=0.2, test=0.2).split(events())
    nothing = replace(split.train.events, log=split.train.events.log.clear())
    alone = replace(split, valid=Holdout(nothing), test=Holdout(nothing))
    whole = replace(split, train=replace(split.train, events=events()), valid=alone.valid, test=alone.test)
    found, expected, leaky = (every(Social(), history_of(one)) for one in (split, alone, whole))
    assert found == expected
    assert found != leaky
    fitted, _ = audit.audit_features({"social": Social()}, history_of(split), split)
    assert (fitted.count, fitted.severity) == (0, "note")
    assert "1970" not in fitted.sentence


def test_a_link_does_not_count_for_itself() -> None:
    """With the link of two users or without it, they share the same."""
    log = events().log
    user, other = log.row(0)[:2]
    without = log.filter(~pl.col("user").is_in([user, other]) | ~pl.col("item").is_in([user, other]))
    assert len(without) == len(log) - 2
    found = []
    for one in (log, without):
        part = replace(events(), log=one)
        nothing = Holdout(replace(part, log=one.clear()))
        split = Split(Train(part), nothing, nothing)
        found.append({name: of[user][other] for name, of in every(Social(), history_of(split)).items()})
    assert found[0] == found[1]


def test_items_that_are_no_users_are_refused_with_what_to_write() -> None:
    other = replace(events(), items=pl.DataFrame({"friend_id": [f"i{n}" for n in range(USERS)]}))
    split = Links(valid=0.2, test=0.2).split(other)
    with pytest.raises(UserError, match=r"features=social.*data=lastfm_friends.*features\.social\.friends"):
        Social().index(history_of(split))


def test_a_column_that_is_no_list_is_refused() -> None:
    with pytest.raises(UserError, match=r"features\.social\.friends=friends: .*; choose one of likes"):
        Social(friends="friends").columns(COLUMNS)

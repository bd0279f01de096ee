"""Every feature of conf/features on random logs with ties, for triples that are events or not, or unknown.

Independent source: the definitions, as a loop over the whole log for each question (`SLOW`); PageRank as the
solution of its linear equations.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from hydra.utils import get_class
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from recsys.features import Feature
from recsys.ops import csr
from recsys.types import Attribute, Columns, Csr, History

FOLDER = Path(__file__).parents[2] / "conf" / "features"
ELSEWHERE = ("first_stage",)
"""Features that read files of another run; their own test holds them."""
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.yaml")) if file.stem not in ELSEWHERE}
USERS, ITEMS, START, END = 4, 5, 1_000_000, 1_000_060
WINDOWS = ["5s", "1m", "20s", "all"]

COLUMNS = Columns(
    user={"user_id": "id", "country": "category", "friends": "categories", "age": "number", "home": "geo"},
    item={
        "item_id": "id",
        "author": "category",
        "genres": "categories",
        "paid": "flag",
        "published": "time",
        "shop": "geo",
    },
    context={"timestamp": "time"},
    feedback={"saved": "flag", "note": "text"},
)
NAN = float("nan")
HOME = [[52.5, 13.4], [NAN, NAN], [-33.9, 151.2], [90.0, 0.0]]
SHOP = [[52.5, 13.4], [48.1, 11.6], [NAN, NAN], [33.9, -28.8], [0.0, 180.0]]
COUNTRY = [0, -1, 1, 0]
FRIENDS = [[1, 2], [0], [0, 1, 3], []]
AUTHOR = [1, 0, -1, 1, 2]
GENRES = [[0, 2], [1], [], [0, 1, 2], [2]]
PAID = [0, 1, 1, -1, 0]
PUBLISHED = [START - 100.0, START + 10.0, float("nan"), START + 30.0, START + 200.0]

GIVEN: Mapping[str, dict[str, Any]] = {
    "counters": {
        "by": ["user", "item", "user.country", "item.author", "item.genres", "item.paid"],
        "windows": WINDOWS,
        "events": ["saved"],
        "strength": 3.0,
    },
    "affinity": {"towards": ["item", "item.author", "item.genres"], "windows": WINDOWS, "strength": 2.0},
    "recency": {"release": "published", "scale": "days"},
    "history": {"length": 3, "columns": ["genres", "author", "paid"]},
    "graph": {"friends": "friends"},
    "distance": {"user": "home", "item": "shop"},
    "social": {"friends": "friends"},
}
"""Arguments beside the defaults of the YAML, so that every branch is asked for."""

LEAST: Mapping[str, dict[str, Any]] = {"social": {"friends": "friends"}}
"""Arguments without which a choice does not fit these columns."""

Event = tuple[int, int, int, int, float]
"""User, item, time, label, saved."""
Question = tuple[int, int, int]


def made(choice: str, **arguments: Any) -> Feature:
    config: Any = OmegaConf.to_container(OmegaConf.load(FILES[choice]))
    return get_class(config.pop("_target_"))(**{**config, **arguments})


def listed(lists: Sequence[Sequence[int]]) -> Csr:
    rows = torch.tensor([row for row, values in enumerate(lists) for _ in values], dtype=torch.int64)
    return csr.from_pairs(rows, torch.tensor([v for values in lists for v in values]), len(lists))


def history(events: Sequence[Event], cutoff: int) -> History:
    ordered = sorted(events, key=lambda event: event[2])
    user, item, time, label, saved = (
        [list(c) for c in zip(*ordered, strict=True)] if ordered else [[] for _ in range(5)]
    )
    return History(
        user=torch.tensor(user, dtype=torch.int64),
        item=torch.tensor(item, dtype=torch.int64),
        time=torch.tensor(time, dtype=torch.int64),
        label=torch.tensor(label, dtype=torch.float32),
        n_users=USERS,
        n_items=ITEMS,
        cutoff=cutoff,
        feedback={"saved": torch.tensor(saved, dtype=torch.float32)},
        users={
            "country": Attribute("category", torch.tensor(COUNTRY), ("nl", "de")),
            "friends": Attribute("categories", listed(FRIENDS), ("a", "b", "c", "d")),
            "home": Attribute("geo", torch.tensor(HOME, dtype=torch.float64)),
        },
        items={
            "author": Attribute("category", torch.tensor(AUTHOR), ("x", "y", "z")),
            "genres": Attribute("categories", listed(GENRES), ("war", "noir", "drama")),
            "paid": Attribute("flag", torch.tensor(PAID), ("false", "true")),
            "published": Attribute("time", torch.tensor(PUBLISHED, dtype=torch.float64)),
            "shop": Attribute("geo", torch.tensor(SHOP, dtype=torch.float64)),
        },
        keys={"user": pl.Series(["a", "b", "c", "d"]), "item": pl.Series(["v", "w", "x", "y", "z"])},
    )


def answers(feature: Feature, of: History, asked: Sequence[Question]) -> dict[str, torch.Tensor]:
    """Every side's columns for the questions."""
    user, item, time = torch.tensor(asked, dtype=torch.int64).reshape(-1, 3).unbind(1)
    index = feature.index(of)
    return {
        **feature.answer(index, "user", user, None, time),
        **feature.answer(index, "item", None, item, time),
        **feature.answer(index, "cross", user, item, time),
    }


def events(low: int = START, high: int = END, most: int = 25) -> st.SearchStrategy[list[Event]]:
    """Events at few distinct seconds, so that many are tied."""
    event = st.tuples(
        st.integers(0, USERS - 1),
        st.integers(0, ITEMS - 1),
        st.one_of(st.integers(low, high), st.integers(low, min(low + 3, high))),
        st.integers(0, 1),
        st.sampled_from([0.0, 1.0, float("nan")]),
    )
    return st.lists(event, max_size=most)


def questions(low: int = START - 5, high: int = END + 80, least: int = 0) -> st.SearchStrategy[list[Question]]:
    """Triples, most of which are no event; users and items that are unknown, times before and after the log."""
    triple = st.tuples(st.integers(-2, USERS + 2), st.integers(-2, ITEMS + 2), st.integers(low, high))
    return st.lists(triple, min_size=least, max_size=12)


def ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom else math.nan


def groups(name: str, user: int, item: int) -> list[int]:
    """Which groups of an entity a user or item is in, from the raw columns."""
    if name in ("user", "item"):
        return [user if name == "user" else item]
    side, column = name.split(".")
    place, n = (user, USERS) if side == "user" else (item, ITEMS)
    if not 0 <= place < n:
        return []
    single = {"country": COUNTRY, "author": AUTHOR, "paid": PAID}
    return GENRES[place] if column == "genres" else [single[column][place]] * (single[column][place] >= 0)


def counted(
    log: Sequence[Event],
    cutoff: int,
    of: str,
    what: dict[str, int],
    keys: list[int],
    hits: list[Event],
    time: int,
) -> dict[str, float]:
    """Counts and rates of events that hit a key, one entry for each hit."""
    arguments = GIVEN["affinity" if of.startswith("user_") else "counters"]
    seconds = {"5s": 5, "1m": 60, "20s": 20, "all": 10**9}
    earlier = [event for event in log if event[2] < time]
    found = {}
    for window in WINDOWS:
        inside = [event for event in hits if time - seconds[window] <= event[2] < time]
        found[f"{of}_count_{window}"] = ratio(len(inside), len(keys))
        for kind, at in what.items():
            good = sum(event[at] == 1 for event in inside)
            prior = sum(event[at] == 1 for event in earlier) / max(len(earlier), 1)
            strength = arguments["strength"]
            rate = (good + strength * prior) / (len(inside) + strength) if keys else math.nan
            found[f"{of}_{kind}_count_{window}"] = ratio(good, len(keys))
            found[f"{of}_{kind}_rate_{window}"] = rate
    return found


def slow_counters(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    found = {}
    for of in GIVEN["counters"]["by"]:
        keys = groups(of, user, item)
        hits = [event for event in log for key in groups(of, event[0], event[1]) if key in keys]
        found |= counted(log, cutoff, of, {"positive": 3, "saved": 4}, keys, hits, time)
    return found


def slow_affinity(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    found = {}
    for of in GIVEN["affinity"]["towards"]:
        keys = groups(of, user, item)
        hits = [e for e in log if e[0] == user for key in groups(of, e[0], e[1]) if key in keys]
        found |= counted(log, cutoff, f"user_{of}", {"positive": 3}, keys, hits, time)
    return found


def slow_recency(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    found = {}
    for side, at, place in (("user", 0, user), ("item", 1, item)):
        for what, least in (("event", 0), ("positive", 1)):
            before = [e[2] for e in log if e[at] == place and e[2] < time and e[3] >= least]
            found[f"{side}_since_{what}"] = (time - max(before)) / 86_400 if before else math.nan
    age = time - PUBLISHED[item] if 0 <= item < ITEMS else math.nan
    return {**found, "item_age": age / 86_400 if age >= 0 else math.nan}


def slow_history(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    taken = [event[1] for event in log if event[0] == user and event[3] == 1 and event[2] < time][-3:]
    items = [-1] * (3 - len(taken)) + taken
    genres = [[*GENRES[i], -1, -1, -1][:3] if i >= 0 else [-1] * 3 for i in items]
    return {
        "user_history": items,
        "user_history_genres": [genre for of_item in genres for genre in of_item],
        "user_history_author": [AUTHOR[i] if i >= 0 else -1 for i in items],
        "user_history_paid": [PAID[i] if i >= 0 else -1 for i in items],
    }


def slow_distance(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    if not (0 <= user < USERS and 0 <= item < ITEMS):
        return {"distance_km": math.nan}
    return {"distance_km": great_circle(HOME[user], SHOP[item])}


def great_circle(one: Sequence[float], other: Sequence[float]) -> float:
    """By Vincenty's formula on a sphere."""
    (lat, lon), (lat2, lon2) = (map(math.radians, place) for place in (one, other))
    across = math.cos(lat2) * math.sin(lon2 - lon)
    along = math.cos(lat) * math.sin(lat2) - math.sin(lat) * math.cos(lat2) * math.cos(lon2 - lon)
    near = math.sin(lat) * math.sin(lat2) + math.cos(lat) * math.cos(lat2) * math.cos(lon2 - lon)
    return 6371.0088 * math.atan2(math.hypot(across, along), near)


def slow_graph(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    links = {(event[0], event[1]) for event in log if event[3] == 1 and event[2] <= cutoff}
    items = {u: {j for v, j in links if v == u} for u in range(-2, USERS + 3)}
    users = {i: {v for v, j in links if j == i} for i in range(-2, ITEMS + 3)}
    rank = ranks(links)
    near, weighed, friends = 0, 0.0, 0
    for other in users[item] - {user}:
        both = (items[user] & items[other]) - {item}
        near += len(both)
        weighed += sum(1 / math.log(len(users[j])) for j in both)
        friends += len(set(FRIENDS[user]) & set(FRIENDS[other])) if 0 <= user < USERS else 0
    return {
        "user_degree": len(items[user]),
        "item_degree": len(users[item]),
        "user_pagerank": rank[user] if 0 <= user < USERS else math.nan,
        "item_pagerank": rank[USERS + item] if 0 <= item < ITEMS else math.nan,
        "graph_common_neighbours": near,
        "graph_adamic_adar": weighed,
        "graph_common_friends": friends,
    }


def slow_social(log: Sequence[Event], cutoff: int, user: int, item: int, time: int) -> dict[str, Any]:
    audience = {event[0] for event in log if event[1] == item and event[3] == 1 and event[2] <= cutoff}
    friends = {u: set[int]() for u in range(-2, USERS + 3)}
    for one, listed_ in enumerate(FRIENDS):
        for other in listed_:
            friends[one].add(other)
            friends[other].add(one)
    both = [friends[user] & friends[other] for other in audience - {user}]
    return {
        "social_common_neighbours": sum(len(shared) for shared in both),
        "social_adamic_adar": sum(1 / math.log(len(friends[w])) for shared in both for w in shared),
    }


def ranks(links: set[tuple[int, int]]) -> list[float]:
    """PageRank times the number of nodes, solved: (I - 0.85 P) r = 0.15."""
    n = USERS + ITEMS
    linked = np.zeros((n, n))
    for user, item in links:
        linked[user, USERS + item] = linked[USERS + item, user] = 1
    degree = linked.sum(0)
    steps = np.where(degree > 0, linked / np.maximum(degree, 1), 1 / n)
    return np.linalg.solve(np.eye(n) - 0.85 * steps, np.full(n, 0.15)).tolist()


SLOW: Mapping[str, Callable[[Sequence[Event], int, int, int, int], dict[str, Any]]] = {
    "counters": slow_counters,
    "affinity": slow_affinity,
    "recency": slow_recency,
    "history": slow_history,
    "graph": slow_graph,
    "distance": slow_distance,
    "social": slow_social,
}


every_choice = pytest.mark.parametrize("choice", FILES)


def fitted(name: str) -> bool:
    """Whether a column knows more than what came before the moment: the graph of training rows."""
    return name.endswith(("_degree", "_pagerank")) or name.startswith(("graph_", "social_"))


def same(one: Mapping[str, torch.Tensor], two: Mapping[str, torch.Tensor], keep: Callable[[str], bool]) -> None:
    """Bit by bit."""
    assert list(one) == list(two)
    for name in filter(keep, one):
        assert one[name].numpy().tobytes() == two[name].numpy().tobytes(), name


@every_choice
def test_its_config_is_packed_under_its_name(choice: str) -> None:
    assert FILES[choice].read_text().startswith(f"# @package features.{choice}\n")


@every_choice
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_it_is_what_a_loop_over_the_log_gives(choice: str, data: st.DataObject) -> None:
    log, cutoff = sorted(data.draw(events()), key=lambda e: e[2]), data.draw(st.integers(START, END))
    asked = data.draw(questions())
    found = answers(made(choice, **GIVEN[choice]), history(log, cutoff), asked)
    for place, (user, item, time) in enumerate(asked):
        expected = SLOW[choice](log, cutoff, user, item, time)
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert found[name][place].tolist() == pytest.approx(value, rel=1e-5, abs=1e-6, nan_ok=True), name


@every_choice
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_events_from_the_moment_on_change_nothing(choice: str, data: st.DataObject) -> None:
    moment = data.draw(st.integers(START + 1, END))
    before = data.draw(events(START, moment - 1))
    one, two = (before + data.draw(events(moment, END + 50, 12)) for _ in range(2))
    asked = [*data.draw(questions(high=moment)), (0, 0, moment), (1, 1, moment)]
    feature = made(choice, **GIVEN[choice])
    cutoff = data.draw(st.integers(START, moment - 1))
    same(*(answers(feature, history(log, cutoff), asked) for log in (one, two)), keep=lambda _: True)
    later = data.draw(st.integers(moment, END + 50))
    same(*(answers(feature, history(log, later), asked) for log in (one, two)), keep=lambda n: not fitted(n))


@every_choice
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_nothing_is_fitted_on_held_out_events_before_the_cutoff(choice: str, data: st.DataObject) -> None:
    """What is fitted is as of a log without them; so are all answers up to the first of them."""
    log = sorted(data.draw(events()), key=lambda e: e[2])
    held = torch.tensor(
        data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log))), dtype=torch.bool
    )
    first = min((e[2] for e, out in zip(log, held.tolist(), strict=True) if out), default=END)
    asked = [*data.draw(questions(high=first)), (0, 0, first), (1, 1, first)]
    feature = made(choice, **GIVEN[choice])
    marked = replace(history(log, END), held=held)
    without = history([e for e, out in zip(log, held.tolist(), strict=True) if not out], END)
    same(answers(feature, marked, asked), answers(feature, without, asked), keep=lambda _: True)
    later = data.draw(questions())
    same(answers(feature, marked, later), answers(feature, without, later), keep=fitted)


@every_choice
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_asked_one_at_a_time_the_answers_are_the_same_bits(choice: str, data: st.DataObject) -> None:
    of, asked = history(data.draw(events()), START + 30), data.draw(questions(least=1))
    feature = made(choice, **GIVEN[choice])
    together = answers(feature, of, asked)
    alone = [answers(feature, of, [question]) for question in asked]
    same(together, {name: torch.cat([each[name] for each in alone]) for name in together}, keep=lambda _: True)


@every_choice
@pytest.mark.parametrize("default", [True, False], ids=["as in YAML", "everything"])
def test_columns_are_declared_before_data_is_read(choice: str, default: bool) -> None:
    feature = made(choice, **(LEAST.get(choice, {}) if default else GIVEN[choice]))
    declared = feature.columns(COLUMNS)
    index = made(choice, **(LEAST.get(choice, {}) if default else GIVEN[choice])).index(
        history([(0, 1, START, 1, 1.0)], END)
    )
    place = torch.tensor([0, 3])
    for side in ("user", "item", "cross"):
        found = feature.answer(
            index, side, None if side == "item" else place, None if side == "user" else place, place + START
        )
        assert list(found) == [column.name for column in declared if column.side == side]
        for column in declared:
            if column.side == side:
                values = found[column.name]
                assert values.dtype == (torch.float32 if column.type == "number" else torch.int64)
                assert values.dim() == (1 if column.type == "number" else 2)
                assert len(values) == 2


def test_no_name_is_used_twice() -> None:
    names = [column.name for choice in FILES for column in made(choice, **GIVEN[choice]).columns(COLUMNS)]
    assert len(set(names)) == len(names)


@every_choice
def test_it_reads_its_index_alone(choice: str) -> None:
    of = history([(0, 1, START, 1, 1.0), (1, 1, START + 5, 1, 0.0)], END)
    stored = {name: tensor.clone() for name, tensor in made(choice, **GIVEN[choice]).index(of).items()}
    assert all(tensor.is_contiguous() for tensor in stored.values())
    user, item, time = torch.tensor([0]), torch.tensor([1]), torch.tensor([START + 9])
    fresh = made(choice, **GIVEN[choice])
    again = {**fresh.answer(stored, "user", user, None, time), **fresh.answer(stored, "item", None, item, time)}
    again |= fresh.answer(stored, "cross", user, item, time)
    same(again, answers(fresh, of, [(0, 1, START + 9)]), keep=lambda _: True)

"""Kilometres against a haversine formula in Python and known distances; refusals. More in test_contract.py."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.distance import Distance
from recsys.types import Attribute, Columns, History, UserError

NAN = float("nan")
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(list) | st.just([NAN, NAN])
COLUMNS = Columns(
    user={"id": "id", "home": "geo", "work": "geo"}, item={"item": "id", "made": "time", "at": "geo"}
)


def geo(values: list[list[float]]) -> Attribute:
    return Attribute("geo", torch.tensor(values, dtype=torch.float64).reshape(-1, 2))


def history(users: dict[str, Attribute], items: dict[str, Attribute]) -> History:
    none = torch.zeros(0, dtype=torch.int64)
    return History(none, none, none, none.float(), 0, 0, 0, users=users, items=items)


def slow(one: list[float], other: list[float]) -> float:
    (lat, lon), (lat2, lon2) = (map(math.radians, place) for place in (one, other))
    chord = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(chord, 1))) if math.isfinite(chord) else NAN


def ask(feature: Distance, of: History, user: list[int], item: list[int]) -> list[float]:
    time = torch.zeros(len(user), dtype=torch.int64)
    answers = feature.answer(feature.index(of), "cross", torch.tensor(user), torch.tensor(item), time)
    assert answers["distance_km"].dtype == torch.float32
    return answers["distance_km"].tolist()


@given(st.lists(places, min_size=1, max_size=4), st.lists(places, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_it_is_the_haversine_formula(homes: list[list[float]], shops: list[list[float]]) -> None:
    pairs = [(u, i) for u in range(len(homes)) for i in range(len(shops))]
    users, items = ([pair[at] for pair in pairs] for at in (0, 1))
    found = ask(Distance(), history({"home": geo(homes)}, {"at": geo(shops)}), users, items)
    expected = [slow(homes[u], shops[i]) for u, i in pairs]
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-3, nan_ok=True)


def test_known_distances() -> None:
    """The quarter of a meridian, half of the equator, and Berlin to Paris (878 km)."""
    users = geo([[0.0, 0.0], [52.52, 13.405]])
    items = geo([[90.0, 77.0], [0.0, 180.0], [48.8566, 2.3522]])
    found = ask(Distance(), history({"home": users}, {"at": items}), [0, 0, 1], [0, 1, 2])
    assert found == pytest.approx([10_007.56, 20_015.11, 877.5], abs=1)


def test_unknown_users_and_items_have_no_distance() -> None:
    of = history({"home": geo([[1, 2]])}, {"at": geo([[3, 4]])})
    found = ask(Distance(), of, [-1, 1, 0, 0, 0], [0, 0, -1, 1, 0])
    assert [math.isnan(value) for value in found] == [True, True, True, True, False]


def test_the_first_column_of_places_is_taken_or_the_named_one() -> None:
    users = {"age": Attribute("number", torch.zeros(1)), "home": geo([[0, 0]]), "work": geo([[0, 90]])}
    of = history(users, {"at": geo([[0, 180]])})
    assert ask(Distance(), of, [0], [0]) == pytest.approx([math.pi * 6371.0088], rel=1e-6)
    assert ask(Distance(user="work"), of, [0], [0]) == pytest.approx([math.pi / 2 * 6371.0088], rel=1e-6)


def test_columns_that_are_no_places_are_refused_both_at_once() -> None:
    with pytest.raises(UserError) as error:
        Distance(user="hme", item="made").columns(COLUMNS)
    assert list(error.value.problems) == [
        "features.distance.user=hme: no user column of type geo; choose one of home, work",
        "features.distance.item=made: no item column of type geo; choose one of at",
    ]
    with pytest.raises(
        UserError, match=r"distance\.item=null: no item column of type geo; the items have none"
    ):
        Distance().columns(Columns(user=COLUMNS.user, item={"item": "id"}))
    assert [answer.name for answer in Distance().columns(COLUMNS)] == ["distance_km"]

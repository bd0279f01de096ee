"""Each type of column against cases worked by hand, frequencies against collections.Counter."""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.slices.column import Column
from recsys.types import Attribute, Csr, Facts, HoldoutRows, UserError

Make = Callable[..., Facts]
Grouped = Callable[..., dict[str, dict[str, list[int]]]]


def test_a_number_is_cut_at_its_quantiles_and_missing_values_stand_alone(
    facts: Facts, grouped: Grouped
) -> None:
    found = grouped(Column(columns=["user.age"], bins=2), facts)["user.age"]
    assert found == {"18": [0, 4], "25-40": [1, 3, 5], "missing": [2]}


def test_a_time_is_shown_as_dates(facts: Facts, grouped: Grouped) -> None:
    found = grouped(Column(columns=["released"], bins=2), facts)["item.released"]
    assert found == {"1970-01-01 to 1970-02-01": [0, 1], "1970-03-01 to 1970-04-01": [2, 3], "missing": [4]}


def test_categories_flags_and_ids_are_grouped_by_value_most_frequent_first(
    facts: Facts, grouped: Grouped
) -> None:
    found = grouped(Column(columns=["job", "paid", "user_id"]), facts)
    assert list(found["user.job"].items()) == [
        ("nurse", [0, 2, 4]),
        ("cook", [1]),
        ("other", [5]),
        ("missing", [3]),
    ]
    assert found["user.paid"] == {"false": [0, 3, 5], "true": [1, 2], "missing": [4]}
    assert len(found["user.user_id"]) == 6


def test_an_entity_with_several_categories_is_in_each_of_them(facts: Facts, grouped: Grouped) -> None:
    found = grouped(Column(columns=["item.genres"]), facts)["item.genres"]
    assert list(found.items()) == [
        ("drama", [0, 2, 3]),
        ("war", [0, 4]),
        ("noir", [3]),
        ("missing", [1]),
    ]
    rest = grouped(Column(columns=["item.genres"], most=1), facts)["item.genres"]
    assert rest == {"drama": [0, 2, 3], "other": [0, 3, 4], "missing": [1]}


def test_a_context_column_parts_the_held_out_rows(
    facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute], grouped: Grouped
) -> None:
    (way,) = Column(columns=["context.device"]).groups(facts, rows, attributes)
    assert way.side == "row"
    found = grouped(Column(columns=["device"]), facts, rows, **attributes)
    assert found == {"context.device": {"phone": [1, 2], "tablet": [0], "missing": [3]}}


@given(st.lists(st.integers(-1, 9), min_size=1, max_size=40), st.integers(1, 8), st.booleans())
@settings(deadline=None, max_examples=80)
def test_the_most_frequent_values_are_kept_and_the_rest_is_one_group(
    make_facts: Make,
    grouped: Grouped,
    make_csr: Callable[..., Csr],
    values: list[int],
    most: int,
    listed: bool,
) -> None:
    names = tuple("abcdefghij")
    if listed:
        lists = make_csr([[value] if value >= 0 else [] for value in values])
        column = Attribute("categories", lists, names)
    else:
        column = Attribute("category", torch.tensor(values), names)
    facts = make_facts([1] * len(values), [1], users={"c": column})
    found = grouped(Column(columns=["c"], most=most), facts)["user.c"]
    ranked = sorted(Counter(v for v in values if v >= 0).items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [value for value, _ in ranked[:most]]
    expected = {names[value]: [u for u, v in enumerate(values) if v == value] for value in kept}
    rest = [u for u, v in enumerate(values) if v >= 0 and v not in kept]
    missing = [u for u, v in enumerate(values) if v < 0]
    expected |= {name: users for name, users in (("other", rest), ("missing", missing)) if users}
    assert list(found.items()) == list(expected.items())


def test_a_value_that_is_called_other_is_not_mixed_with_the_rest(make_facts: Make, grouped: Grouped) -> None:
    column = Attribute("category", torch.tensor([0, 0, 1, 2, -1]), ("other", "a", "missing"))
    found = grouped(Column(columns=["c"], most=1), make_facts([1] * 5, [1], users={"c": column}))["user.c"]
    assert found == {"other": [0, 1], "other values": [2, 3], "missing": [4]}
    found = grouped(Column(columns=["c"]), make_facts([1] * 5, [1], users={"c": column}))["user.c"]
    assert found == {"other": [0, 1], "a": [2], "missing": [3], "missing values": [4]}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("user.agee", r"no column 'user\.agee'; did you mean 'user\.age'\? there are user\.age, user\.job"),
        ("genre", r"did you mean 'item\.genres'\?"),
        ("context.zzzzz", r"slices\.column\.columns: there is no column 'context\.zzzzz'; there are user\.age"),
    ],
)
def test_an_unknown_column_is_refused_with_the_nearest(
    facts: Facts, grouped: Grouped, asked: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        grouped(Column(columns=["user.age", asked]), facts)


def test_a_name_that_two_sides_have_is_refused_and_all_problems_come_at_once(
    make_facts: Make, grouped: Grouped
) -> None:
    column = Attribute("number", torch.ones(1, dtype=torch.float64))
    facts = make_facts([1], [1], users={"age": column}, items={"age": column})
    with pytest.raises(UserError, match=r"'age' is in several places; write user\.age or item\.age") as error:
        grouped(Column(columns=["age", "price"]), facts)
    assert len(error.value.problems) == 2
    with pytest.raises(UserError, match="the data has no columns"):
        grouped(Column(columns=["age"]), make_facts([1], [1]))
    with pytest.raises(UserError, match="at least one column"):
        Column(columns=[])


def test_places_have_no_groups(make_facts: Make, grouped: Grouped) -> None:
    column = Attribute("geo", torch.zeros(1, 2, dtype=torch.float64))
    facts = make_facts([1], [1], users={"home": column})
    with pytest.raises(
        UserError, match=r"slices\.column\.columns: user\.home is of type geo, and places have no"
    ):
        grouped(Column(columns=["home"]), facts)

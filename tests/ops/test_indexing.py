"""Against a dictionary that numbers ids as they come."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops.indexing import index_entities
from recsys.types import Columns

IDS = st.integers(0, 20)
COLUMNS = Columns(
    user={"u": "id", "age": "number"},
    item={"i": "id"},
    context={"device": "category", "at": "time", "sent": "time"},
    feedback={"stars": "number"},
)


@given(st.lists(st.tuples(IDS, IDS)), st.lists(IDS, unique=True))
@settings(max_examples=50, deadline=None)
def test_ids_are_numbered_file_first_then_as_they_appear(
    pairs: list[tuple[int, int]], known: list[int]
) -> None:
    log = pl.DataFrame(
        [(u, i, "tv", n, -n, float(n)) for n, (u, i) in enumerate(pairs)],
        schema={
            "u": pl.Int64,
            "i": pl.Int64,
            "device": pl.String,
            "at": pl.Int64,
            "sent": pl.Int64,
            "stars": pl.Float64,
        },
        orient="row",
    )
    users = pl.DataFrame(
        {"u": known, "age": [float(u) for u in known]}, schema={"u": pl.Int64, "age": pl.Float64}
    )
    events = index_entities(log, users, None, COLUMNS, impressions=True)
    user_places: dict[int, int] = {u: place for place, u in enumerate(known)}
    item_places: dict[int, int] = {}
    for user, item in pairs:
        user_places.setdefault(user, len(user_places))
        item_places.setdefault(item, len(item_places))
    assert events.users["u"].to_list() == list(user_places)
    assert events.users["age"].to_list() == [float(u) if u in known else None for u in user_places]
    assert events.items["i"].to_list() == list(item_places)
    assert events.log["user"].to_list() == [user_places[u] for u, _ in pairs]
    assert events.log["item"].to_list() == [item_places[i] for _, i in pairs]
    assert events.log.columns == ["user", "item", "time", "device", "sent", "stars"]
    assert events.log["time"].to_list() == list(range(len(pairs)))
    assert (events.log["user"].dtype, events.log["item"].dtype) == (pl.UInt32, pl.UInt32)

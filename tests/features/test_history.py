"""By hand."""

import pytest
import torch

from recsys.features.history import RecentItems
from recsys.types import Attribute, Columns, Csr, History, UserError

COLUMNS = Columns(
    {"user_id": "id"}, {"item_id": "id", "genres": "categories", "author": "category", "price": "number"}
)


def test_the_last_items_taken_up_before_the_moment_with_the_latest_last() -> None:
    history = History(
        user=torch.tensor([0, 1, 0, 0, 0, 0]),
        item=torch.tensor([5, 9, 6, 5, 7, 8]),
        time=torch.tensor([1, 1, 2, 3, 3, 4]),
        label=torch.tensor([1.0, 1, 0, 1, 1, 1]),
        n_users=2,
        n_items=10,
        cutoff=4,
    )
    feature = RecentItems(length=3)
    moments = torch.tensor([9, 1, 3, 4, 9])
    users = torch.tensor([0, 0, 0, 0, 1])
    found = feature.answer(feature.index(history), "user", users, None, moments)["user_history"]
    assert found.tolist() == [[5, 7, 8], [-1, -1, -1], [-1, -1, 5], [5, 5, 7], [-1, -1, 9]]


def test_the_values_of_the_same_items_are_aligned_with_them() -> None:
    """Item 0 has genres 1 and 2, item 1 has none, item 2 has genre 0; the author of item 2 is missing."""
    genres, author = Csr(torch.tensor([0, 2, 2, 3]), torch.tensor([1, 2, 0])), torch.tensor([1, 0, -1])
    history = History(
        user=torch.tensor([0, 0, 0]),
        item=torch.tensor([0, 1, 2]),
        time=torch.tensor([1, 2, 3]),
        label=torch.ones(3),
        n_users=1,
        n_items=3,
        cutoff=3,
        items={
            "genres": Attribute("categories", genres, ("noir", "war", "west")),
            "author": Attribute("category", author, ("x", "y")),
        },
    )
    feature = RecentItems(length=3, columns=["genres", "author"])
    assert [answer.name for answer in feature.columns(COLUMNS)] == [
        "user_history",
        "user_history_genres",
        "user_history_author",
    ]
    found = feature.answer(feature.index(history), "user", torch.tensor([0, 0]), None, torch.tensor([9, 3]))
    assert found["user_history"].tolist() == [[0, 1, 2], [-1, 0, 1]]
    assert found["user_history_author"].tolist() == [[1, 0, -1], [-1, 1, 0]]
    by_item = found["user_history_genres"].view(2, 3, 2).tolist()
    assert by_item == [[[1, 2], [-1, -1], [0, -1]], [[-1, -1], [1, 2], [-1, -1]]]


def test_columns_that_are_no_groups_are_refused_with_those_that_there_are() -> None:
    with pytest.raises(UserError) as caught:
        RecentItems(columns=["genre", "price"]).columns(COLUMNS)
    one, two = caught.value.problems
    assert one.startswith("features.history.columns: genre is no column of the items; ")
    assert one.endswith("of type category, categories or flag there are genres, author")
    assert two.startswith("features.history.columns: price is of type number; ")

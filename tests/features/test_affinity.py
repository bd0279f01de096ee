"""By hand: one user, two films of one genre and one of none."""

import pytest
import torch

from recsys.features.affinity import Affinity
from recsys.types import Attribute, Columns, Csr, History, UserError

COLUMNS = Columns({"user_id": "id"}, {"item_id": "id", "genres": "categories"}, {"at": "time"}, {})


def log() -> History:
    """The user takes up film 0 twice and passes film 1 over once; genres are (0 and 1), (1) and none."""
    return History(
        user=torch.tensor([0, 0, 0]),
        item=torch.tensor([0, 1, 0]),
        time=torch.tensor([10, 20, 30]),
        label=torch.tensor([1.0, 0.0, 1.0]),
        n_users=2,
        n_items=3,
        cutoff=30,
        items={
            "genres": Attribute(
                "categories", Csr(torch.tensor([0, 2, 3, 3]), torch.tensor([0, 1, 1])), ("a", "b")
            )
        },
    )


def test_it_counts_this_item_and_items_of_its_genres() -> None:
    feature = Affinity(towards=["item", "item.genres"], rates=False)
    item = torch.tensor([0, 1, 2])
    found = feature.answer(
        feature.index(log()), "cross", torch.zeros_like(item), item, torch.full_like(item, 31)
    )
    assert found["user_item_count_all"].tolist() == [2, 1, 0]
    assert found["user_item_positive_count_all"].tolist() == [2, 0, 0]
    # Of genre 0 there are 2 events, of genre 1 there are 3; the last film has no genre.
    assert found["user_item.genres_count_all"].tolist() == pytest.approx([2.5, 3, float("nan")], nan_ok=True)
    assert found["user_item.genres_positive_count_all"].tolist() == pytest.approx(
        [2, 2, float("nan")], nan_ok=True
    )


def test_another_user_has_nothing_of_it() -> None:
    feature = Affinity(towards=["item", "item.genres"], strength=5)
    found = feature.answer(
        feature.index(log()), "cross", torch.tensor([1]), torch.tensor([0]), torch.tensor([31])
    )
    assert found["user_item_count_all"].item() == 0
    assert found["user_item_positive_rate_all"].item() == pytest.approx(2 / 3)


@pytest.mark.parametrize("towards", ["user", "user.city", "genres"])
def test_what_is_no_item_is_refused(towards: str) -> None:
    with pytest.raises(
        UserError, match=r"^features\.affinity\.towards=.*write one or more of item, item\.<column>"
    ):
        Affinity(towards=[towards]).columns(COLUMNS)


def test_a_column_that_is_not_declared_is_refused() -> None:
    with pytest.raises(UserError, match=r"item\.author is not declared; .*: item\.genres$"):
        Affinity(towards=["item.author"]).columns(COLUMNS)

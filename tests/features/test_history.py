"""By hand."""

import torch

from recsys.features.history import RecentItems
from recsys.types import History


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

"""Independent source: counting in Python."""

import math

import torch

from recsys.model.popularity import Popularity
from recsys.types import Schema, Slate, TrainRows


def test_every_positive_row_counts_even_of_one_user(schema: Schema, slate: Slate) -> None:
    user, item = torch.tensor([0, 0, 0, 1, 2]), torch.tensor([4, 4, 4, 2, 2])
    model = Popularity(schema)
    model.fit(TrainRows(user, item, torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0])))
    counts = {4: 3, 2: 1}
    logits = model(slate)
    for row in range(4):
        for column, item_ in enumerate(slate.items[row].tolist()):
            assert math.isclose(float(logits[row, column]), math.log1p(counts.get(item_, 0)), abs_tol=1e-6)

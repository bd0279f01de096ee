"""Independent source: a Python set of pairs."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.nn.pairs import Pairs
from recsys.ops import csr

USERS, ITEMS = 6, 9
some = st.sets(st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1)), max_size=40)


@given(pairs=some, width=st.integers(1, 5), seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_the_places_are_those_of_the_pairs_in_the_set(
    pairs: set[tuple[int, int]], width: int, seed: int
) -> None:
    rows, cols = torch.tensor(sorted(pairs), dtype=torch.int64).reshape(-1, 2).unbind(1)
    held = Pairs(csr.from_pairs(rows, cols, USERS), ITEMS)
    generator = torch.Generator().manual_seed(seed)
    user = torch.randint(USERS, (7,), generator=generator)
    items = torch.randint(ITEMS, (7, width), generator=generator)
    asked = [(int(u), int(i)) for u, of in zip(user, items, strict=True) for i in of]
    assert held.where(user, items).tolist() == [n for n, pair in enumerate(asked) if pair in pairs]


@pytest.mark.parametrize(("users", "items", "n"), [(3000, 700, 40_000), (20, 50_000, 30_000), (2, 3, 6)])
def test_a_large_set_is_exact_and_lets_most_others_go_unsearched(users: int, items: int, n: int) -> None:
    generator = torch.Generator().manual_seed(1)
    rows = torch.randint(users, (n,), generator=generator)
    cols = torch.randint(items, (n,), generator=generator)
    held = Pairs(csr.from_pairs(rows, cols, users), items)
    assert len(held.where(rows, cols[:, None])) == n
    user = torch.randint(users, (20_000,), generator=generator)
    asked = torch.randint(items, (20_000, 1), generator=generator)
    taken = set(zip(rows.tolist(), cols.tolist(), strict=True))
    wanted = [
        place
        for place, pair in enumerate(zip(user.tolist(), asked[:, 0].tolist(), strict=True))
        if pair in taken
    ]
    assert held.where(user, asked).tolist() == wanted
    filled = float((held.table > 0).double().mean())
    assert filled <= 1 / 8


def test_its_tables_stay_out_of_checkpoints() -> None:
    links = csr.from_pairs(torch.tensor([0]), torch.tensor([1]), 2)
    assert not Pairs(links, 3).state_dict()

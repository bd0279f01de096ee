"""Independent source: counting through the whole numbers one by one."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import drawing
from recsys.types import Csr

rows = st.lists(st.sets(st.integers(0, 12)).map(sorted), min_size=1, max_size=6)


@given(taken=rows, width=st.integers(1, 4), seed=st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_the_nth_free_number_is_that_of_counting(taken: list[list[int]], width: int, seed: int) -> None:
    ptr = torch.tensor([0, *[len(of) for of in taken]]).cumsum(0)
    idx = torch.tensor([n for of in taken for n in of], dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    nth = torch.randint(10, (len(taken), width), generator=generator)
    free = [[n for n in range(40) if n not in of] for of in taken]
    wanted = [[free[row][n] for n in asked] for row, asked in enumerate(nth.tolist())]
    assert drawing.nth_free(Csr(ptr=ptr, idx=idx), nth).tolist() == wanted

"""Independent source: groups named by hand, and two blocks of users and items that share nothing."""

import torch

from recsys.ops import csr, grouping
from recsys.types import Attribute, Csr


def test_a_category_is_the_group_and_a_missing_one_is_the_last() -> None:
    attribute = Attribute("category", torch.tensor([1, 0, -1, 1]), ("a", "b"))
    assert grouping.by_column(attribute).tolist() == [1, 0, 2, 1]


def test_of_several_categories_the_rarest_is_the_group() -> None:
    lists = [[0, 1], [0], [0, 2], [], [0, 1]]
    ptr = torch.tensor([0, *[len(of) for of in lists]]).cumsum(0)
    links = Csr(ptr=ptr, idx=torch.tensor([n for of in lists for n in of]))
    found = grouping.by_column(Attribute("categories", links, ("a", "b", "c")))
    assert found.tolist() == [1, 0, 2, 3, 1]


def blocks(users: int, items: int) -> tuple[Csr, int]:
    """Two halves of users, each with its own half of the items; one more item that nobody has."""
    generator = torch.Generator().manual_seed(0)
    user = torch.randint(users // 2, (users * 12,), generator=generator)
    item = torch.randint(items // 2, (users * 12,), generator=generator)
    half = torch.arange(users * 12) % 2
    return csr.from_pairs(item + half * (items // 2), user + half * (users // 2), items + 1), users


def test_items_are_grouped_by_who_took_them_up() -> None:
    for users, items in ((20, 10), (200, 80)):
        links, n_users = blocks(users, items)
        found = grouping.by_users(links, n_users, 2)
        first, second = found[: items // 2].unique(), found[items // 2 : items].unique()
        assert sorted([*first.tolist(), *second.tolist()]) == [0, 1]
        assert int(found[-1]) == 2


def test_grouping_is_the_same_each_time_and_draws_nothing_that_training_would() -> None:
    links, n_users = blocks(200, 80)
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    assert torch.equal(grouping.by_users(links, n_users, 5), grouping.by_users(links, n_users, 5))
    assert torch.equal(before, torch.random.get_rng_state())


def test_there_are_at_most_as_many_groups_as_items_that_are_known() -> None:
    links = csr.from_pairs(torch.tensor([0, 1]), torch.tensor([0, 1]), 4)
    assert set(grouping.by_users(links, 2, 50).tolist()) == {0, 1, 2}
    nobody = Csr(ptr=torch.zeros(4, dtype=torch.int64), idx=torch.zeros(0, dtype=torch.int64))
    assert grouping.by_users(nobody, 2, 50).tolist() == [0, 0, 0]

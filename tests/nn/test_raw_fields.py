"""Independent source: the columns written out by hand."""

import torch
from torch import nn

from recsys.nn.raw_fields import LISTED, RawFields
from recsys.types import Field, TrainRows


def rows(items: list[int]) -> TrainRows:
    item = torch.tensor(items)
    return TrainRows(torch.zeros_like(item), item, torch.ones(len(items)))


def field(name: str, type_: str, table: torch.Tensor | None) -> Field:
    return Field(name, "item", type_, table, lambda dim: nn.Identity())  # type: ignore[arg-type]


def test_numbers_categories_lists_and_sequences_become_columns() -> None:
    fields = [
        field("price", "number", torch.tensor([[0.5, 0.0], [0.0, 1.0]])),
        field("kind", "category", torch.tensor([3, 0])),
        field("pair", "id", torch.tensor([[1, 2], [2, 1]])),
        field("tags", "categories", torch.tensor([[2, 2, 3], [1, 0, 0]])),
        field("past", "sequence", None),
    ]
    raw = RawFields(fields, rows([0, 1]))
    given = {"past": torch.tensor([[-1, 7, 4], [-1, -1, -1]])}
    expected = torch.tensor(
        [[0.5, 0, 3, 1, 2, 3, 0, 2, 1, 2, 4], [0, 1, 0, 2, 1, 1, 1, 0, 0, 0, -1]], dtype=torch.float32
    )
    index = torch.tensor([0, 1])
    assert torch.equal(raw(index, given), expected)
    kinds = [None, None, "kind", "pair", "pair", None, None, None, None, None, "past"]
    assert raw.categories(index, given) == kinds
    shaped = raw(index.view(2, 1), {"past": given["past"].view(2, 1, 3)})
    assert torch.equal(shaped, expected.view(2, 1, -1))


def test_of_many_values_of_lists_the_most_common_in_training_have_columns() -> None:
    places = torch.arange(1, 2 * LISTED + 1).view(-1, 1).repeat(1, 2)
    places[:50, 1] = 2 * LISTED
    places[-1] = 1
    raw = RawFields([field("tags", "categories", places)], rows(list(range(2 * LISTED - 1))))
    columns = raw(torch.arange(2 * LISTED))
    assert columns.shape == (2 * LISTED, 1 + LISTED)
    assert columns[:, 0].eq(2).all()
    assert torch.equal(columns[:50, -1], torch.ones(50))
    assert torch.equal(columns[50], torch.tensor([2.0, 2.0, *[0.0] * (LISTED - 1)]))
    assert columns[-1, 1:].sum() == 0


def test_no_fields_give_no_columns() -> None:
    assert RawFields([], rows([0]))(torch.zeros(2, 3, dtype=torch.int64)).shape == (2, 3, 0)


def test_the_width_is_that_of_the_columns() -> None:
    fields = [
        field("price", "number", torch.rand(2, 3)),
        field("kind", "category", torch.tensor([3, 0])),
        field("tags", "categories", torch.tensor([[2, 2, 3], [1, 0, 0]])),
        field("past", "sequence", None),
        field("clicks", "number", None),
    ]
    raw = RawFields(fields, rows([0, 1]))
    given = {"past": torch.tensor([[-1, 7], [-1, -1]]), "clicks": torch.rand(2, 1)}
    assert raw(torch.tensor([0, 1]), given).shape == (2, raw.width)

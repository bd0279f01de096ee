"""Raw columns worked out by hand, places among them, and back from storage."""

import polars as pl
import pytest
import torch

from recsys.ops import raw
from recsys.types import Csr

NAN = float("nan")


@pytest.mark.parametrize("dtype", [pl.List(pl.Float64), pl.Array(pl.Float64, 2)])
def test_places_are_kept_in_degrees_and_missing_ones_are_nan(dtype: pl.DataType) -> None:
    frame = pl.DataFrame({"at": pl.Series([[52.5, 13.4], None, [-33.9, 151.2]], dtype=dtype)})
    attribute = raw.attributes(frame, {"at": "geo"})["at"]
    assert attribute.type == "geo"
    assert isinstance(attribute.values, torch.Tensor)
    assert attribute.values.dtype == torch.float64
    expected = torch.tensor([[52.5, 13.4], [NAN, NAN], [-33.9, 151.2]], dtype=torch.float64)
    assert torch.equal(attribute.values.nan_to_num(nan=-999), expected.nan_to_num(nan=-999))


def test_every_column_comes_back_from_its_tensors_and_texts_are_left_out() -> None:
    frame = pl.DataFrame(
        {
            "n": [1.0, None],
            "c": ["b", None],
            "l": [["x", "y"], None],
            "g": [[1.0, 2.0], None],
            "t": ["a b", "c"],
        }
    )
    types = {"n": "number", "c": "category", "l": "categories", "g": "geo", "t": "text"}
    found = raw.attributes(frame, types)  # type: ignore[arg-type]
    assert list(found) == ["n", "c", "l", "g"]
    for name, attribute in found.items():
        stored = raw.to_tensors(f"raw.{name}", attribute)
        again = raw.from_tensors(f"raw.{name}", stored, attribute.type, attribute.names)
        assert (again.type, again.names) == (attribute.type, attribute.names)
        one, two = attribute.values, again.values
        if isinstance(one, Csr) and isinstance(two, Csr):
            assert torch.equal(one.ptr, two.ptr)
            assert torch.equal(one.idx, two.idx)
        else:
            assert isinstance(one, torch.Tensor)
            assert isinstance(two, torch.Tensor)
            assert torch.equal(one.nan_to_num(), two.nan_to_num())

"""Files of vectors, written by numpy, torch and polars, and what is wrong with them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from recsys.ops import vectors
from recsys.types import UserError

ROWS = np.arange(6.0).reshape(3, 2)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", ROWS)
    torch.save(torch.tensor(ROWS), "rows.pt")
    pl.DataFrame({"film": [7, 3, 12], "vector": ROWS.tolist()}).write_parquet("rows.parquet")
    Path("ids.txt").write_text("7\n3\n12\n")
    np.save("ids.npy", np.array([7, 3, 12]))


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("rows.npy", "ids.txt"),
        ("rows.npy", "ids.npy"),
        ("rows.pt", "ids.txt"),
        ("rows.parquet", None),
        ("rows.parquet", "film"),
    ],
)
def test_ids_are_compared_as_text_whatever_the_file(path: str, ids: str | None) -> None:
    found = vectors.read("e", path, ids)
    assert found.rows.tolist() == ROWS.tolist()
    assert found.places(pl.Series([3, 99, None, 12, 3])).tolist() == [1, -1, -1, 2, 1]
    assert found.places(pl.Series(["12", "012", None])).tolist() == [2, -1, -1]


def test_a_note_counts_what_the_file_lacks() -> None:
    found = vectors.read("e", "rows.npy", "ids.txt")
    assert found.note("e", pl.Series("item_id", [3, 7, None])) == []
    (line,) = found.note("e", pl.Series("item_id", [3, 1, 2, 4, 5, None]))
    assert line.startswith("e: 4 of 5 training values of item_id have no row in rows.npy")
    assert line.endswith("1, 2, 4, …")


def write(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


def parquet(**columns: object) -> str:
    pl.DataFrame(columns).write_parquet("bad.parquet")
    return "bad.parquet"


def test_what_does_not_fit_is_refused_with_file_shape_and_count() -> None:
    def refused(path: str, ids: str | None) -> str:
        with pytest.raises(UserError) as error:
            vectors.read("e", path, ids)
        return str(error.value)

    assert "path=none.npy: there is no such file" in refused("none.npy", "ids.txt")
    assert "ids=none.txt: there is no such file" in refused("rows.npy", "none.txt")
    assert "name a file with an id a line" in refused("rows.npy", None)
    assert "ends in .npy, .pt or .parquet" in refused(write("rows.csv", "1"), "ids.txt")
    assert "rows.npy has shape [3, 2], and there are 2 ids" in refused("rows.npy", write("two.txt", "a\nb\n"))
    assert "1 ids of rows.npy have several rows; keep one of 'a'" in refused(
        "rows.npy", write("twice.txt", "a\nb\na\n")
    )
    assert "path=bad.npy is no array" in refused(write("bad.npy", "text"), "ids.txt")
    assert "path=bad.pt is no file of a tensor" in refused(write("bad.pt", "text"), "ids.txt")
    assert "1 of the 2 ids of bad.parquet are missing" in refused(
        parquet(i=["a", None], v=[[1.0], [2.0]]), None
    )
    assert "1 of the 3 vectors of bad.parquet are missing, the others have length 1, 2" in refused(
        parquet(i=[1, 2, 3], v=[[1.0], [1.0, 2.0], None]), None
    )
    assert "needs one column of vectors and has 0; it has i (Int64)" in refused(parquet(i=[1]), None)
    assert "which column of bad.parquet has the ids? It has i (Int64), j" in refused(
        parquet(i=[1], j=[1], v=[[1.0]]), None
    )
    assert "ids=k: bad.parquet has no such column" in refused(parquet(i=[1], v=[[1.0]]), "k")
    torch.save({"a": 1}, "dict.pt")
    assert "holds a dict; save one tensor" in refused("dict.pt", "ids.txt")

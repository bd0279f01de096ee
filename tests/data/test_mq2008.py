"""Against small files written here, and against the folds as LETOR's page defines them."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from recsys.data.mq2008 import MQ2008
from recsys.types import Events, UserError

ORDER = ["S1", "S2", "S3", "S4", "S5"]
FOLDS = {
    1: ("S1 S2 S3", "S4", "S5"),
    2: ("S2 S3 S4", "S5", "S1"),
    3: ("S3 S4 S5", "S1", "S2"),
    4: ("S4 S5 S1", "S2", "S3"),
    5: ("S5 S1 S2", "S3", "S4"),
}
"""Training, validation and test set of each fold (LETOR 4.0, "Dataset partitioning")."""


def line(grade: object, query: int, document: str, first: object = 0.5) -> str:
    features = " ".join(f"{k}:{first if k == 1 else k / 100}" for k in range(1, 47))
    return f"{grade} qid:{query} {features} #docid = {document} inc = 1 prob = 0.08\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "mq2008"
    folder.mkdir()
    for place, name in enumerate(ORDER, 1):
        with gzip.open(folder / f"{name}.txt.gz", "wt") as handle:
            handle.write(line(place % 3, place, "GX1") + line(0, place, f"GX{place + 1}", first=0.0))
    return folder


def test_grades_queries_documents_and_features_are_read(folder: Path) -> None:
    events = MQ2008().load()
    assert events.users["query_id"].to_list() == [1, 2, 3, 4, 5]
    assert events.items.row(0)[:3] == ("1/GX1", 0.5, 0.02)
    assert events.items.row(3) == ("2/GX3", 0.0, *(k / 100 for k in range(2, 47)))
    assert events.log.select("user", "item", "relevance").rows()[:3] == [(0, 0, 1.0), (0, 1, 0.0), (1, 2, 2.0)]
    assert events.impressions
    assert MQ2008().gives == {"data.relevance", "data.part"}


@pytest.mark.parametrize("fold", [1, 2, 3, 4, 5])
def test_a_fold_is_the_publishers(fold: Any, folder: Path) -> None:
    log = MQ2008(fold=fold).load().log
    assert str(log["part"].dtype) == "Int8"
    for part, names in enumerate(FOLDS[fold]):
        found = {ORDER[user] for user in log.filter(part=part)["user"]}
        assert found == set(names.split())


def test_folds_have_fingerprints_of_their_own(folder: Path) -> None:
    assert MQ2008(fold=1).fingerprint() != MQ2008(fold=2).fingerprint()


MISTAKES = [
    (line(3, 1, "a"), "line 1: '3' is no grade; 0, 1 or 2 are expected"),
    (line(1, 1, "a") + "\n" + line(1, 1, "b", first="x"), "line 3: could not convert string to float: 'x'"),
    (line(1, 1, "a").replace(" 46:0.46", ""), "line 1: '<grade> qid:<query> 1:<value>"),
    (line(1, 1, "a").replace("qid:1", "1"), "line 1: '<grade> qid:<query> 1:<value>"),
    ("0\n", "line 1: '<grade> qid:<query> 1:<value>"),
    (line(1, 1, "a") * 2, "1/a .query/document. stands twice"),
    ("", "the file has no rows"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_broken_file_is_named(text: str, message: str, folder: Path) -> None:
    with gzip.open(folder / "S1.txt.gz", "wt") as handle:
        handle.write(text)
    with pytest.raises(UserError, match=message):
        MQ2008().load()


def test_a_file_that_is_no_gzip_and_a_missing_one_are_named(folder: Path) -> None:
    (folder / "S2.txt.gz").write_text("plain")
    with pytest.raises(UserError, match=r"S2\.txt\.gz: cannot be read after line 0: Not a gzipped file"):
        MQ2008().load()
    (folder / "S2.txt.gz").unlink()
    with pytest.raises(UserError, match=r"mq2008: lacks S2\.txt\.gz; put them there from"):
        MQ2008().load()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return MQ2008().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users)) == (15_211, 784)
    assert real.log.group_by("user").agg(real.log["part"].n_unique()).height == 784
    assert dict(real.log["part"].value_counts().rows()) == {0: 2_933 + 3_635 + 3_062, 1: 2_707, 2: 2_874}
    features = real.items.drop("document_id")
    assert (features.min_horizontal().min(), features.max_horizontal().max()) == (0.0, 1.0)

"""Against small files in the publisher's three formats, as its pages show them: no real file is here."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from recsys.data.amazon_reviews import AmazonReviews
from recsys.types import UserError

A, B = "A2SUAM1J3GNN3B", "A1JZFGZEZVWQPY"
RATINGS = {
    "2014": f"{A},0000013714,5.0,1252800000\n{B},0000013714,2.0,1252800001\n",
    "2018": f"0000013714,{A},5.0,1252800000\n0000013714,{B},2.0,1252800001\n",
    "2023": (
        "user_id,parent_asin,rating,timestamp\n"
        f"{A},0000013714,5.0,1252800000999\n{B},0000013714,2.0,1252800001000\n"
    ),
}
OLD = {
    "reviewerID": A,
    "asin": "0000013714",
    "reviewText": "I bought this",
    "overall": 5.0,
    "summary": "Heavenly",
}
REVIEWS: dict[str, dict[str, Any]] = {
    "2014": {**OLD, "helpful": [2, 3], "unixReviewTime": 1252800000, "reviewTime": "09 13, 2009"},
    "2018": {
        **OLD,
        "verified": True,
        "vote": "5",
        "style": {"Format:": "Hardcover"},
        "unixReviewTime": 1252800000,
    },
    "2023": {
        "user_id": A,
        "parent_asin": "0000013714",
        "asin": "B00YQ6X8EO",
        "rating": 5.0,
        "title": "Heavenly",
        "text": "I bought this",
        "images": [{"small_image_url": "x"}],
        "timestamp": 1252800000123,
        "helpful_vote": 3,
        "verified_purchase": True,
    },
}


def written(file: Path, *reviews: Any) -> str:
    text = "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in reviews)
    with gzip.open(file, "wt") if file.suffix == ".gz" else file.open("w") as handle:
        handle.write(text)
    return str(file)


@pytest.mark.parametrize("version", ["2014", "2018", "2023"])
def test_ratings_alone_are_read_in_each_version(version: Any, tmp_path: Path) -> None:
    file = tmp_path / "ratings_Books.csv"
    file.write_text(RATINGS[version])
    source = AmazonReviews(files=str(file), version=version)
    events = source.load()
    assert events.log.rows() == [(0, 0, 1252800000, 5.0), (1, 0, 1252800001, 2.0)]
    assert events.users["user_id"].to_list() == [A, B]
    assert events.items["item_id"].to_list() == ["0000013714"]
    assert source.gives == {"data.rating", "data.time"}


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".json.gz", ".jsonl.gz"])
@pytest.mark.parametrize("version", ["2014", "2018", "2023"])
def test_reviews_are_read_in_each_version(version: Any, suffix: str, tmp_path: Path) -> None:
    file = written(tmp_path / f"Books{suffix}", REVIEWS[version])
    source = AmazonReviews(files=file, version=version)
    row = source.load().log.row(0, named=True)
    wanted = {
        "user": 0,
        "item": 0,
        "time": 1252800000,
        "rating": 5.0,
        "title": "Heavenly",
        "text": "I bought this",
    }
    wanted |= {"verified": True} if version != "2014" else {}
    wanted |= {"helpful_votes": 3.0} if version == "2023" else {}
    assert row == wanted
    assert set(source.columns.feedback) == set(wanted) - {"user", "item", "time"}


def test_a_member_that_is_not_there_is_missing_and_several_files_follow_each_other(tmp_path: Path) -> None:
    short = {k: v for k, v in REVIEWS["2018"].items() if k not in ("summary", "verified")}
    written(tmp_path / "b.json.gz", short)
    written(tmp_path / "a.json.gz", REVIEWS["2018"], {**REVIEWS["2018"], "reviewerID": B})
    log = AmazonReviews(files=str(tmp_path / "*.json.gz"), version="2018").load().log
    assert log["user"].to_list() == [0, 1, 0]
    assert log["title"].to_list() == ["Heavenly", "Heavenly", None]
    assert log["verified"].to_list() == [True, True, None]


MISTAKES = [
    ("{'reviewerID': 'x'}", r"Books\.json: line 2: is no JSON; write one object a line"),
    ("[1, 2]", r"line 2: is no JSON object"),
    ({**REVIEWS["2018"], "overall": "five"}, r"line 2, member 'overall': 'five' is no float"),
    ({**REVIEWS["2018"], "reviewerID": None}, r"line 2, member 'reviewerID': the value is missing"),
    (REVIEWS["2023"], r"line 2, member 'reviewerID': the value is missing"),
]


@pytest.mark.parametrize(("review", "message"), MISTAKES)
def test_a_broken_review_is_named(review: Any, message: str, tmp_path: Path) -> None:
    file = written(tmp_path / "Books.json", REVIEWS["2018"], review)
    with pytest.raises(UserError, match=message):
        AmazonReviews(files=file, version="2018").load()


WRONG = [
    ("2018", RATINGS["2014"], r"users look like items .* is data\.version=2018 right\?"),
    ("2014", RATINGS["2018"], r"users look like items .* is data\.version=2014 right\?"),
    ("2014", RATINGS["2023"], r"line 1, column 'rating': 'rating' is no number"),
    ("2023", RATINGS["2014"], r"line 1: column 1 is 'A2SUAM1J3GNN3B', and 'user_id' is expected"),
    (
        "2014",
        f"{A},0000013714,5.0,1252800000000\n",
        r"row 1, column 'timestamp': 1252800000000 is no time in seconds",
    ),
    ("2014", f"{A},,5.0,1252800000\n", r"line 1, column 'item_id': the value is missing"),
    ("2014", f"{A},x,5.0\n", r"line 1 has 3 fields, 4 are expected"),
]


@pytest.mark.parametrize(("version", "text", "message"), WRONG)
def test_ratings_of_another_version_or_broken_are_named(
    version: Any, text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=message):
        AmazonReviews(files=str(file), version=version).load()


def test_files_of_two_kinds_or_of_none_are_refused_before_anything_is_read() -> None:
    with pytest.raises(UserError, match="not both"):
        AmazonReviews(files=["a.csv", "b.jsonl"])
    with pytest.raises(UserError, match=r"data\.files=a\.parquet: ends neither in \.csv"):
        AmazonReviews(files="a.parquet")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.files: .*Books\.jsonl: no such file"):
        AmazonReviews(files=str(tmp_path / "Books.jsonl")).fingerprint()

"""Every source of which there is real data trains a model, with its own label, split and metrics."""

import json
from pathlib import Path

import polars as pl
import pytest

from recsys.commands import main

SOURCES = {
    "movielens_100k": (100_000, 943, 1_682),
    "movielens_1m": (1_000_209, 6_040, None),
    "movielens_latest_small": (100_004, 671, 9_125),
    "lastfm": (52_668, None, None),
    "steam": (129_511, None, None),
    "retailrocket": (78_371 + 9_028 + 5_088, None, None),
    "frappe": (17_421, None, None),
    "frappe_x1": (202_005 + 57_722 + 28_860, None, None),
    "gowalla": (810_128 + 217_242, None, None),
    "yelp2018": (1_237_259 + 324_147, None, None),
    "ciao": (284_086, None, None),
    "foursquare_nyc": (147_938, 1_083, 5_135),
    "kuairand": (41_828, None, None),
    "coat": (6_960 + 4_640, 290, 300),
    "open_bandit": (2 * 10_000, None, None),
    "mq2008": (15_211, None, None),
    "census_income": (99_762, None, None),
}
"""Rows, users and items, as the folder's README counts them (headers of steam and retailrocket left out; one
campaign of open_bandit)."""

MORE = {"census_income": ["model=deepfm", "trainer.max_epochs=1"], "frappe_x1": ["metrics=classification"]}


@pytest.mark.parametrize("data", SOURCES)
def test_each_source_trains_a_model(data: str, workplace: Path, recsys_data: Path) -> None:
    words = [f"data={data}", "model=popularity", "eval.bootstrap=0", "hydra.run.dir=run", *MORE.get(data, [])]
    assert main(["train", *words]) == 0
    test = json.loads(Path("run/metrics.json").read_text())["test"]
    assert test
    assert all(value == value for name, value in test.items() if not name.startswith("gauc"))


@pytest.mark.parametrize("data", SOURCES)
def test_each_source_has_what_its_publisher_counts(data: str, recsys_data: Path, workplace: Path) -> None:
    from recsys.build import build
    from recsys.compose import Request, build_config, groups, screen, session

    request = Request("train", (f"data={data}", *MORE.get(data, [])))
    with session(request):
        events = build(build_config(request, screen(request)), groups(request.folders)).data.load()
    rows, users, items = SOURCES[data]
    assert len(events.log) == rows
    assert users is None or len(events.users) == users
    assert items is None or len(events.items) == items
    assert events.log.select(pl.col("user").max()).item() < len(events.users)

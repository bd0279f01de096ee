"""Every preparation of conf/preparation: where it stands, and what it leaves alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.utils import get_class
from omegaconf import OmegaConf

from recsys.preparation import Preparation
from recsys.types import Events

FOLDER = Path(__file__).parents[2] / "conf" / "preparation"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
REQUIRED: dict[str, dict[str, Any]] = {
    "small_groups": {"columns": ["country"], "least": 2},
    "reweight": {"column": "country"},
    "k_core": {"users": 2, "items": 1},
    "popularity_cap": {"share": 0.3},
}
ROWS = [(u, i, float((u + i) % 3 > 0)) for u in range(6) for i in range(6)]


@pytest.fixture(params=FILES)
def choice(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RECSYS_PSEUDONYM_KEY", "secret")
    return request.param


def made(choice: str) -> Preparation:
    config: Any = OmegaConf.to_container(OmegaConf.load(FILES[choice]))
    return get_class(config.pop("_target_"))(**{**config, **REQUIRED.get(choice, {})})


def test_its_config_is_packed_under_its_name(choice: str) -> None:
    assert FILES[choice].read_text().startswith(f"# @package preparation.{choice}\n")


def test_after_the_split_only_weights_change(choice: str, make_events: Callable[..., Events]) -> None:
    events = make_events(ROWS)
    done, _ = made(choice).apply(events)
    assert made(choice).moment in ("loaded", "labelled", "train")
    if made(choice).moment == "train":
        assert done.users is events.users
        assert done.items is events.items
        assert done.log.drop("label.weight").equals(events.log)


def test_it_changes_nothing_that_it_is_given_and_repeats_itself(
    choice: str, make_events: Callable[..., Events]
) -> None:
    events = make_events(ROWS)
    log, users, items = events.log.clone(), events.users.clone(), events.items.clone()
    first, notes = made(choice).apply(events)
    again, same = made(choice).apply(events)
    assert events.log.equals(log)
    assert events.users.equals(users)
    assert events.items.equals(items)
    assert first.log.equals(again.log)
    assert first.users.equals(again.users)
    assert list(notes) == list(same)
    assert all(notes)


def test_indices_lead_to_the_entities(choice: str, make_events: Callable[..., Events]) -> None:
    done, _ = made(choice).apply(make_events(ROWS))
    assert done.log["user"].max() < len(done.users)  # type: ignore[operator]
    assert done.log["item"].max() < len(done.items)  # type: ignore[operator]
    assert done.log.schema["user"] == make_events(ROWS).log.schema["user"]

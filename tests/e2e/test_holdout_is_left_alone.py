"""No sampler changes what is measured: valid and test have the labels of the raw log in their stretch of time.

The shares are counted in numpy on the simulator's log, cut at the dates of which the run knows.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys import flow
from recsys.build import Parts, build
from recsys.compose import CONF, Request, build_config, groups, screen, session
from recsys.data.marketplace import Marketplace

WORLD: dict[str, Any] = {"users": 80, "items": 60, "authors": 10, "days": 8, "sessions": 1.0}
FROM = {"valid": "2024-01-05", "test": "2024-01-07T12:00:00"}
SAMPLING = sorted(file.stem for file in (CONF / "sampling").glob("*.yaml"))


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


@pytest.fixture(scope="module")
def raw() -> dict[str, np.ndarray]:
    """Clicks of each part, ascending."""
    log = Marketplace(**WORLD).load().log
    time, click = log["time"].to_numpy(), log["click"].to_numpy().astype(float)
    valid, test = (np.datetime64(moment, "s").astype(int) for moment in FROM.values())
    return {"valid": click[(time >= valid) & (time < test)], "test": click[time >= test]}


@pytest.mark.parametrize("sampling", SAMPLING)
def test_held_out_labels_are_those_of_the_log_whatever_is_sampled(
    sampling: str, raw: dict[str, np.ndarray], workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"data.{key}={value}" for key, value in WORLD.items()]
    words += [f"split.{part}_from={moment}" for part, moment in FROM.items()]
    words += ["model=mf", "loss=bce", "metrics=classification", "monitor=log_loss", "trainer.max_epochs=1"]
    parts = parts_of([*words, f"sampling={sampling}", "batch_size=256"])
    prepared = flow.prepare(parts)
    kept, made = flow.assemble, []

    def remember(*arguments: Any) -> Any:
        made.append(kept(*arguments))
        return made[-1]

    monkeypatch.setattr(flow, "assemble", remember)
    flow.train(parts, prepared, workplace / "run", {})
    for part, rows in (("valid", prepared.encoded.valid), ("test", prepared.encoded.test)):
        measured = made[0].last[part].labelled.predictions.label
        for labels in (rows.label, measured):
            assert len(labels) == len(raw[part])
            assert float(labels.double().mean()) == pytest.approx(raw[part].mean(), abs=0)
    assert 0 < raw["test"].mean() < 0.5

"""Against the simulator's truth: clicks teach preference, and noise teaches nothing."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import numpy as np
import polars as pl
import pytest
import torch

from recsys import flow
from recsys.build import Parts, build
from recsys.compose import Request, build_config, groups, screen, session
from recsys.data import Source
from recsys.data.marketplace import Marketplace
from recsys.ops import csr, queries
from recsys.types import Columns, Events, Protocol

SIZES = {"users": 300, "items": 150, "days": 20, "sessions": 1.0}


def parts_of(words: list[str], config_dir: Path | None = None) -> Parts:
    request = Request("train", tuple(words), config_dirs=(config_dir,) if config_dir else ())
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def trained(words: list[str], folder: Path, config_dir: Path | None = None) -> tuple[Any, flow.Outcome]:
    parts = parts_of(words, config_dir)
    prepared = flow.prepare(parts)
    seen: list[Any] = []
    kept = flow.assemble

    def remember(*arguments: Any) -> Any:
        seen.append(kept(*arguments))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "assemble", remember)
        outcome = flow.train(parts, prepared, folder, {})
    return (seen[0], prepared.encoded), outcome


def captured(scores: np.ndarray, preference: np.ndarray, k: int = 10) -> float:
    """How much of the preference that ideal lists have over random ones these lists have, from 0 to 1."""

    def top(by: np.ndarray) -> float:
        return float(np.take_along_axis(preference, np.argsort(-by, 1)[:, :k], 1).mean())

    return (top(scores) - preference.mean()) / (top(preference) - preference.mean())


def score_all(recommender: Any, encoded: Any) -> np.ndarray:
    from recsys.types import Slate

    n_users, n_items = encoded.schema.n_users, encoded.schema.n_items
    model = recommender.model.eval()
    user = torch.arange(n_users)
    first = encoded.train.context
    context = {name: values[:1].expand(n_users, *values.shape[1:]) for name, values in first.items()}
    blank = torch.zeros(n_users, n_items)
    slate = Slate(user, torch.arange(n_items), blank, blank > 0, context=context)
    with torch.no_grad():
        return model(slate).numpy()


def test_clicks_teach_preference_beyond_what_any_common_list_could_reach(workplace: Path) -> None:
    world = [f"data.{key}={value}" for key, value in SIZES.items()]
    words = [*world, "metrics=ranking", "optimizer.lr=0.01", "batch_size=256", "trainer.max_epochs=12"]
    preference = Marketplace(**SIZES).truth().preference
    ranked = {
        name: captured(score_all(*trained([*words, *choice], workplace / name)[0]), preference)
        for name, choice in {
            "popularity": ["model=popularity"],
            "mf": ["model=mf", "loss=bpr", "model.dim=16"],
            "two_tower": ["model=two_tower", "loss=sampled_softmax"],
        }.items()
    }
    common = np.broadcast_to(preference.mean(0), preference.shape)
    bound = captured(common, preference)
    assert ranked["popularity"] <= bound
    margin = 0.25 * (1 - bound)
    assert ranked["two_tower"] > bound + margin, (ranked, bound)
    assert ranked["mf"] > bound, (ranked, bound)


FAIR = {
    "users": 300,
    "items": 120,
    "authors": 30,
    "days": 20,
    "sessions": 6.0,
    "new_items": 0.0,
    "offset": -2.5,
    "taste": 2.0,
    "quality": 1.0,
    "locality": 0.0,
    "popularity": 0.0,
    "personalisation": 0.0,
    "freshness": 0.0,
    "satiation": 0.0,
}
"""A marketplace whose pages are dealt out at random: what is popular is so for being preferred alone."""


def bias(scores: np.ndarray, preference: np.ndarray) -> tuple[float, float, float]:
    """How scores err with the true popularity: slope over its log, and mean rank error of its top quarter.

    And, lest a model that has learnt nothing should pass for one that dislikes what is popular, the correlation
    of scores and truth in what is neither the user's nor the item's mean.

    A model of the chance that a click is on an item scores log sigmoid(preference) and a constant of the
    user's: slope 0. One that divides by the item's share of all clicks scores that less log popularity: -1.
    Ranks err on the popular side by as much as the model knows too little of each user's own taste.
    """
    chance = 1 / (1 + np.exp(-preference.astype(float)))
    truth, popularity = np.log(chance), chance.mean(0)
    scores, truth = (values - values.mean(1, keepdims=True) for values in (scores, truth))
    error = scores - truth
    personal = np.corrcoef(*((values - values.mean(0)).ravel() for values in (scores, truth)))[0, 1]
    slope = np.polyfit(np.log(popularity), error.mean(0), 1)[0]
    higher = scores.argsort(1).argsort(1) - truth.argsort(1).argsort(1)
    head = popularity >= np.quantile(popularity, 0.75)
    return float(slope), float(higher[:, head].mean() / scores.shape[1]), float(personal)


def test_in_batch_softmax_is_biased_against_popular_items_unless_it_is_corrected(workplace: Path) -> None:
    words = [*(f"data.{key}={value}" for key, value in FAIR.items()), "metrics=ranking", "batch_size=512"]
    words += ["sampling=in_batch", "sampling.exclude_positives=false", "loss=sampled_softmax"]
    words += ["model=two_tower", "model.dim=16", "optimizer.lr=0.01", "trainer.max_epochs=6"]
    words += [f"encoders.columns.{column}=drop" for column in ("device", "position", "timestamp")]
    preference = Marketplace(**FAIR).truth().preference
    found = {
        correct: bias(
            score_all(*trained([*words, f"loss.correct={correct}"], workplace / correct)[0]), preference
        )
        for correct in ("true", "false")
    }
    assert abs(found["true"][0]) < 0.2, found
    assert -1.3 < found["false"][0] < -0.7, found
    assert found["false"][1] < -0.12, found
    assert abs(found["true"][1]) < 0.1, found
    assert min(of[2] for of in found.values()) > 0.4, found


@final
class Noise(Source):
    """The marketplace with clicks and items dealt out at random: nothing can be learnt."""

    impressions = True

    def __init__(self, *, seed: int = 0) -> None:
        self.seed, self.inner = seed, Marketplace(**SIZES)

    @property
    def columns(self) -> Columns:
        return self.inner.columns

    def fingerprint(self) -> str:
        return f"noise {self.seed} {self.inner.fingerprint()}"

    def load(self) -> Events:
        events = self.inner.load()
        generator = np.random.default_rng(self.seed)
        n = len(events.log)
        items = pl.Series("item", generator.integers(len(events.items), size=n), dtype=pl.UInt32)
        clicks = events.log["click"].gather(pl.Series(generator.permutation(n)))
        return replace(events, log=events.log.with_columns(items, clicks.alias("click")))


FEATURES = {
    "default": [],
    "ids only": [f"encoders/{t}=drop" for t in ("category", "categories", "number", "time")],
    "no ids": ["encoders/id=drop"],
    "bins and slots": ["encoders/number=quantile_bins", "encoders/category=one_hot"],
}
SPLITS = {
    "temporal": ["split=temporal", "split.test=0.2"],
    "leave_last_out": ["split=leave_last_out", "metrics=ranking"],
    "random": ["split=random", "split.test=0.2"],
    "random by user": ["split=random", "split.test=0.2", "split.by=user"],
}


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("split", SPLITS)
def test_noise_teaches_nothing(features: str, split: str, workplace: Path) -> None:
    conf = workplace / "conf" / "data"
    conf.mkdir(parents=True)
    (conf / "noise.yaml").write_text(f"# Noise.\n_target_: {__name__}.Noise\nseed: 0\n")
    words = ["data=noise", "model=two_tower", "sampling=uniform", "optimizer.lr=0.01", "trainer.max_epochs=3"]
    words += [*FEATURES[features], *SPLITS[split]]
    (_, encoded), outcome = trained(words, workplace / "run", workplace / "conf")
    families = outcome.measured["test"]
    recall = families["ranking"].per_user["recall@10"]
    before = [encoded.train, encoded.valid]
    asked = queries.ask(encoded.test, before, encoded.schema, Protocol(), impressions=True)
    chance = float((10 / (encoded.schema.n_items - csr.lengths(asked.seen))).mean())
    error = float(recall.std()) / math.sqrt(len(recall))
    assert float(recall.mean()) < chance + 4 * error
    if "classification" in families:
        positive = float(encoded.test.label.sum())
        negative = len(encoded.test.label) - positive
        spread = math.sqrt((positive + negative + 1) / (12 * positive * negative))
        assert abs(families["classification"].values["roc_auc"] - 0.5) < 4 * spread

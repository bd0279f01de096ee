"""The families combine: each choice of conf/metrics, composed as Hydra does for a command."""

from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from recsys.compose import CONF


def chosen(*overrides: str) -> Any:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", overrides=list(overrides))


@pytest.mark.parametrize(
    ("choice", "families", "monitor"),
    [
        ("ranking", {"ranking"}, "ndcg@10"),
        ("classification", {"classification"}, "roc_auc"),
        ("regression", {"regression"}, "rmse"),
        ("all", {"ranking", "classification"}, "ndcg@10"),
        ("coverage", {"ranking", "coverage"}, "ndcg@10"),
        ("popularity_bias", {"ranking", "popularity_bias"}, "ndcg@10"),
        ("diversity", {"ranking", "diversity"}, "ndcg@10"),
        ("serendipity", {"ranking", "serendipity"}, "ndcg@10"),
        ("freshness", {"ranking", "freshness"}, "ndcg@10"),
        ("parity", {"ranking", "parity"}, "ndcg@10"),
        ("beyond", {"ranking", "coverage", "popularity_bias", "diversity", "serendipity"}, "ndcg@10"),
    ],
)
def test_a_choice_brings_its_families_and_what_to_look_at(
    choice: str, families: set[str], monitor: str
) -> None:
    config = chosen(f"metrics={choice}")
    assert set(config.metrics) == families
    assert config.monitor == monitor


def test_options_of_a_family_are_typed_below_its_name() -> None:
    config = chosen(
        "metrics=all", "metrics.ranking.ks=[7]", "metrics.classification.threshold=0.3", "monitor=roc_auc"
    )
    assert OmegaConf.to_container(config.metrics.ranking.ks) == [7]
    assert config.metrics.classification.threshold == 0.3
    assert config.monitor == "roc_auc"

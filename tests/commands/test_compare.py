"""`recsys compare` on invented runs whose true difference is known, and on two real ones."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from scipy import stats

from recsys.commands import main

CONFIG: dict[str, Any] = {
    "data": {"_target_": "recsys.data.marketplace.Marketplace", "users": 80},
    "label": {"_target_": "recsys.label.click.Click"},
    "split": {"_target_": "recsys.split.temporal.Temporal", "test": 0.1},
    "model": {"_target_": "recsys.model.mf.MF", "dim": 16},
    "cache": "/somewhere",
}


def invent(
    folder: Path,
    shift: float = 0.0,
    *,
    seed: int = 0,
    users: int = 500,
    config: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """Write a run whose users have an NDCG of a beta distribution, with the shift on top; returns them."""
    folder.mkdir(parents=True)
    ease = np.random.default_rng(99).beta(2.0, 4.0, users)
    ndcg = ease + np.random.default_rng([seed, 1000 + int(1000 * shift)]).normal(shift, 0.05, users)
    names = [f"u{place}" for place in range(users)]
    order = np.random.default_rng(seed).permutation(users)
    frame = pl.DataFrame({"user": names, "ndcg@10": ndcg, "recall@10": ease, "rank@10": -ndcg})
    frame[order.tolist()].write_parquet(folder / "users.parquet")
    merged = {key: {**value} if isinstance(value, dict) else value for key, value in CONFIG.items()}
    for key, value in (config or {}).items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    (folder / "config.yaml").write_text(yaml.safe_dump({**merged, "seed": seed}))
    state = {
        "state": "finished",
        "choices": {"model": "mf", "data": "marketplace"},
        "monitor": "valid/ndcg@10",
        "higher_is_better": True,
        **(status or {}),
    }
    (folder / "status.json").write_text(json.dumps(state))
    return ndcg


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(["compare", *words]) == status
    printed = capsys.readouterr()
    assert (printed.err == "") == (status == 0)
    return printed.out + printed.err


def test_a_real_difference_is_called_real(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = invent(Path("a"))
    better = invent(Path("b"), 0.03, config={"model": {"dim": 32}})
    out = said(capsys, "a", "b")
    assert "A  model.dim=16" in out
    assert "B  model.dim=32" in out
    assert f"B is better than A on ndcg@10 by {better.mean() - worse.mean():.4f} [" in out
    assert "p = 0.001: real" in out
    assert "one seed of A, B" in out


def test_no_difference_is_not_called_one_and_what_could_be_seen_is_said(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = invent(Path("a"))
    second = invent(Path("b"), seed=5, config={"model": {"dim": 32}})
    error = (first - second).std(ddof=1) / np.sqrt(500)
    seen = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error
    out = said(capsys, "a", "b")
    assert "A and B on ndcg@10" in out
    assert "no difference shown" in out
    assert f"with these 500 users a difference below about {seen:.4f} would not be seen" in out


def test_a_model_with_itself_has_no_difference(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invent(Path("a"))
    invent(Path("b"), config={"model": {"dim": 32}})
    for test in ("bootstrap", "t", "wilcoxon"):
        out = said(capsys, "a", "b", "--test", test)
        assert "p = 1.000: no difference shown; with these 500 users they are the same for every user" in out


def test_users_are_matched_by_their_id_and_averaged_over_seeds(workplace: Path) -> None:
    first = [invent(Path(f"sweep/{seed}"), seed=seed) for seed in (0, 1)]
    other = [invent(Path(f"other/{seed}"), 0.01, seed=seed, config={"model": {"dim": 8}}) for seed in (0, 1, 2)]
    assert main(["compare", "sweep", "other", "--test", "t", "--output", "out/table.csv"]) == 0
    with Path("out/table.csv").open() as file:
        (row,) = csv.DictReader(file)
    difference = np.mean(first, axis=0) - np.mean(other, axis=0)
    assert (row["first"], row["second"]) == ("model.dim=16", "model.dim=8")
    assert float(row["difference"]) == pytest.approx(difference.mean())
    assert float(row["p_t"]) == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    assert (row["first_seeds"], row["second_seeds"]) == ("2", "3")
    means = [values.mean() for values in other]
    assert float(row["second_deviation"]) == pytest.approx(np.std(means, ddof=1))
    theirs = stats.bootstrap((difference,), np.mean, method="BCa", rng=np.random.default_rng(0))
    ends = theirs.confidence_interval
    assert (float(row["low"]), float(row["high"])) == pytest.approx((ends.low, ends.high), abs=3e-4)


def test_p_values_are_corrected_for_every_pair_and_metric(workplace: Path) -> None:
    for place, shift in enumerate((0.0, 0.004, 0.008)):
        invent(Path(f"sweep/{place}"), shift, config={"model": {"dim": place}})
    words = ["sweep", "--metrics", "ndcg@10,rank@10", "--test", "t", "--output", "table.csv"]
    assert main(["compare", *words]) == 0
    with Path("table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    smallest = min(rows, key=lambda row: float(row["p_t"]))
    assert float(smallest["p_holm"]) == pytest.approx(6 * float(smallest["p_t"]))


def test_the_baseline_is_the_first_that_is_given(workplace: Path) -> None:
    for place in range(4):
        invent(Path(f"sweep/{place}"), seed=place, config={"model": {"dim": place}})
    assert main(["compare", "sweep/2", "sweep", "--baseline", "--output", "table.csv"]) == 0
    with Path("table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["first"] for row in rows} == {"model.dim=2"}
    assert [row["second"] for row in rows] == [f"model.dim={dim}" for dim in (0, 1, 3)]


def test_many_groups_are_compared_with_the_first(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in range(7):
        invent(Path(f"sweep/{place}"), users=40, config={"model": {"dim": place}})
    assert said(capsys, "sweep").count(" − ") == 6
    assert said(capsys, *(f"sweep/{place}" for place in range(6))).count(" − ") == 15


@pytest.mark.parametrize("test", ["bootstrap", "t", "wilcoxon"])
def test_what_rounding_leaves_of_means_over_more_seeds_is_no_difference(
    test: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(3):
        invent(Path(f"a{seed}"), seed=seed)
    invent(Path("b"), config={"model": {"dim": 32}})
    out = said(capsys, "a0", "a1", "a2", "b", "--metrics", "recall@10", "--test", test)
    assert "not shown" in out
    assert "is higher" not in out


def test_other_settings_of_the_metrics_and_preparations_get_a_note(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"ranking": {"gain": "linear", "ks": [10]}}
    invent(Path("a"), config={"metrics": settings})
    invent(Path("b"), config={"metrics": {"ranking": {"gain": "exponential", "ks": [5, 10]}}})
    invent(Path("c"), config={"metrics": settings, "preparation": {"k_core": {"items": 2}}})
    out = said(capsys, "a", "b", "c")
    assert "a and b: metrics.ranking.gain is linear and exponential; what it changes is not comparable" in out
    assert "metrics.ranking.ks is" not in out
    assert "a and c: preparation.k_core.items is None and 2; the users are the same" in out


def test_a_metric_whose_direction_is_not_known_is_higher_not_better(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(Path("a"))
    invent(Path("b"), 0.03, config={"model": {"dim": 32}})
    assert "A is higher than B on rank@10 by" in said(capsys, "a", "b", "--metrics", "rank@10")


def test_lower_is_better_where_the_run_says_so(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = {"monitor": "valid/rank@10", "higher_is_better": False}
    invent(Path("a"), status=status)
    invent(Path("b"), 0.03, status=status, config={"model": {"dim": 32}})
    assert "B is better than A on rank@10 by 0.03" in said(capsys, "a", "b")


def test_a_difference_that_seeds_could_make_is_said_to_be_so(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, shift in enumerate((-0.05, 0.09)):
        invent(Path(f"a/{seed}"), shift, seed=seed)
        invent(Path(f"b/{seed}"), 0.0, seed=seed, config={"model": {"dim": 32}})
    out = said(capsys, "a", "b")
    assert ": real of these trained models, but seeds move it by ± 0." in out
    assert "one seed" not in out


def test_markdown_holds_both_tables_and_the_verdict(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(Path("a"))
    invent(Path("b"), 0.03, config={"model": {"dim": 32}})
    assert said(capsys, "a", "b", "--output", "table.md").endswith("\ntable.md\n")
    text = Path("table.md").read_text()
    assert "| A | `model.dim=16` |" in text
    assert "| A − B | ndcg@10 | -0.0" in text
    assert "- B is better than A on ndcg@10 by" in text


def test_what_is_no_finished_run_is_refused(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invent(Path("a"))
    invent(Path("going"), status={"state": "running"})
    invent(Path("dead/0"), status={"state": "failed", "reason": "out of luck"})
    Path("empty").mkdir()
    out = said(capsys, "a", "going", "empty", "dead", "dead/0", status=2)
    assert "going: the run is running, not finished" in out
    assert "empty: not the folder of a run or a sweep" in out
    assert "dead: none of its 1 runs is finished" in out
    assert "dead/0: the run is failed, not finished (out of luck)" in out


def test_a_failed_run_of_a_sweep_is_passed_over(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invent(Path("sweep/0"))
    invent(Path("sweep/1"), status={"state": "failed", "reason": "x"}, config={"model": {"dim": 3}})
    invent(Path("sweep/2"), config={"model": {"dim": 32}})
    assert "model.dim=3\n" not in said(capsys, "sweep")


def test_other_test_users_are_refused_with_the_keys_that_made_them(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(Path("a"))
    invent(Path("b"), users=480, config={"split": {"test": 0.2}, "model": {"dim": 32}})
    out = said(capsys, "a", "b", status=2)
    assert "a and b: 20 of 500 test users differ" in out
    assert "split.test is 0.1 and 0.2" in out
    assert "dim" not in out


def test_the_same_users_under_another_label_are_refused(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(Path("a"))
    invent(Path("b"), config={"label": {"_target_": "recsys.label.all_positive.AllPositive"}})
    assert "label._target_ is recsys.label.click.Click and" in said(capsys, "a", "b", status=2)


def test_the_same_users_of_other_data_get_a_note(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invent(Path("a"))
    invent(Path("b"), config={"data": {"users": 81}})
    assert "note: a and b: data.users is 80 and 81; the users are the same" in said(capsys, "a", "b")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "b", "--metrics", "ncdg@10"], "no such metric; did you mean 'ndcg@10'?"),
        (["a", "b", "--test", "boot"], "--test boot: there is no such test"),
        (["a", "b", "--output", "table.txt"], "neither .md nor .csv"),
        (["a"], "1 run is given: nothing to compare"),
        (["a", "a"], "1 run is given: nothing to compare"),
        (["a", "a1"], "2 runs are given, which differ only in the seed: nothing to compare"),
        (["a", "b", "again"], "again: the same config and seed as a"),
        ([], "no run is given"),
    ],
)
def test_a_mistake_is_named(
    words: list[str], message: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(Path("a"))
    invent(Path("a1"), seed=1)
    invent(Path("b"), config={"model": {"dim": 32}})
    invent(Path("again"), config={"cache": "/elsewhere"})
    assert message in said(capsys, *words, status=2)


def test_choices_name_groups_and_what_only_one_model_takes_does_not(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"choices": {"model": "popularity", "data": "marketplace"}}
    invent(Path("a"))
    invent(Path("b"), config={"model": {"dim": 32}})
    invent(Path("c"), status=other, config={"model": {"_target_": "x.Popularity", "dim": 1}})
    out = said(capsys, "a", "b", "c").splitlines()
    assert [line.rstrip() for line in out[:3]] == [
        "A  model=mf model.dim=16",
        "B  model=mf model.dim=32",
        "C  model=popularity",
    ]


def test_two_real_runs_end_to_end(workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    grid = ["model=mf,popularity", "seed=0,1", "trainer.max_epochs=1", "hydra.sweep.dir=sweep"]
    assert main(["train", "-m", *tiny, *grid]) == 0
    assert "mean ± standard deviation over seeds" in capsys.readouterr().out
    out = said(capsys, "sweep", "--metrics", "ndcg@10,recall@20", "--output", "table.csv")
    assert "A  model=mf" in out
    assert "B  model=popularity" in out
    with Path("table.csv").open() as file:
        rows = list(csv.DictReader(file))
    tested = [json.loads(Path(f"sweep/{n}/metrics.json").read_text())["test"] for n in range(4)]
    for row in rows:
        mf, popularity = (np.mean([tested[n][row["metric"]] for n in runs]) for runs in ((0, 1), (2, 3)))
        assert float(row["difference"]) == pytest.approx(mf - popularity)
        assert float(row["second_deviation"]) == 0.0
    aggregated = Path("sweep/table.md").read_text().partition("Mean ± standard deviation over seeds:")[2]
    ndcg = [run["ndcg@10"] for run in tested[:2]]
    assert f"{np.mean(ndcg):.4f} ± {np.std(ndcg, ddof=1):.4f}" in aggregated

"""A run is measured again without training; predictions of another system get the numbers of our evaluation."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch

from recsys import flow, predictions
from recsys.build import build
from recsys.commands import main
from recsys.compose import Request, build_config, groups, screen, session
from recsys.train import measure
from recsys.types import Slate

Output = pytest.CaptureFixture[str]
RUN = ["model=mf", "trainer.max_epochs=1", "seed=3", "hydra.run.dir=run"]
CKPT = "ckpt=run/checkpoints/best.ckpt"


@pytest.fixture
def trained(workplace: Path, tiny: list[str]) -> list[str]:
    assert main(["train", *tiny, *RUN]) == 0
    return tiny


def metrics(folder: str) -> dict[str, dict[str, float]]:
    return json.loads(Path(folder, "metrics.json").read_text())


def test_the_same_metrics_are_the_same_numbers(trained: list[str]) -> None:
    assert main(["evaluate", "ckpt=run"]) == 0
    assert metrics("run/evaluations/1") == metrics("run")
    for name in ("users.parquet", "intervals.json", "reliability.csv"):
        assert Path("run/evaluations/1", name).read_bytes() == Path("run", name).read_bytes()


def test_depths_candidates_and_slices_can_be_others(trained: list[str], capsys: Output) -> None:
    words = [
        "metrics=ranking",
        "metrics.ranking.ks=[3]",
        "monitor=ndcg@3",
        "slices=[activity,popularity,cold,elapsed]",
    ]
    assert main(["evaluate", CKPT, *words, "eval.candidates=all", "eval.bootstrap=0"]) == 0
    measured = metrics("run/evaluations/1")
    assert set(measured["test"]) == {
        f"{n}@3" for n in ("recall", "precision", "hit_rate", "ndcg", "map", "mrr", "rbp")
    }
    slices = pl.read_csv("run/evaluations/1/slices.csv")
    assert set(slices["by"]) == {"user_activity", "item_popularity", "user_cold", "item_cold", "elapsed"}
    users = pl.read_parquet("run/evaluations/1/users.parquet")
    assert users["ndcg@3"].mean() == pytest.approx(measured["test"]["ndcg@3"])
    parted = slices.filter(pl.col("by") == "user_activity")
    assert parted["size"].sum() == len(users)
    mean = (parted["ndcg@3"] * parted["size"]).sum() / len(users)
    assert mean == pytest.approx(measured["test"]["ndcg@3"])
    assert parted["small"].to_list() == [size < 50 for size in parted["size"]]
    assert "user_activity" in capsys.readouterr().out


def test_an_item_of_several_groups_counts_in_each(trained: list[str]) -> None:
    words = [
        "slices=[column]",
        "slices.column.columns=[item.genres,device]",
        "eval.min_slice=1",
        "eval.bootstrap=0",
    ]
    assert main(["evaluate", CKPT, *words]) == 0
    slices = pl.read_csv("run/evaluations/1/slices.csv").with_row_index()
    rows = slices.filter(pl.col("roc_auc").is_not_null())
    genres, devices = (
        rows.filter(pl.col("by") == by)["size"].sum() for by in ("item.genres", "context.device")
    )
    predicted = pl.read_csv("run/evaluations/1/reliability.csv")["rows"].sum()
    assert devices == predicted
    assert genres > predicted


def test_what_training_decided_cannot_be_changed(trained: list[str], capsys: Output) -> None:
    assert main(["evaluate", CKPT, "label.column=like"]) == 2
    error = capsys.readouterr().err
    assert (
        "label.column=like: recsys evaluate changes metrics, eval, slices, calibration, monitor of a run"
        in error
    )
    assert not Path("run/evaluations").exists()


def test_a_run_is_what_its_checkpoint_says_whatever_the_defaults_are_now(trained: list[str]) -> None:
    path = Path("run/checkpoints/best.ckpt")
    checkpoint = torch.load(path, weights_only=True)
    del checkpoint["recsys"]["config"]["encoders"]["text"]
    torch.save(checkpoint, path)
    assert main(["evaluate", CKPT]) == 0
    assert metrics("run/evaluations/1") == metrics("run")


def test_results_that_are_there_are_not_written_over(trained: list[str], capsys: Output) -> None:
    before = Path("run/metrics.json").read_bytes()
    assert main(["evaluate", CKPT, "hydra.run.dir=run", "eval.candidates=all"]) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert Path("run/metrics.json").read_bytes() == before


def test_sampled_metrics_say_so_by_name(trained: list[str], capsys: Output) -> None:
    assert main(["evaluate", CKPT, "metrics=ranking", "eval.sampled=5"]) == 0
    names = set(metrics("run/evaluations/1")["test"])
    assert all(name.startswith("sampled5/") for name in names)
    out = capsys.readouterr().out
    assert "sampled5/ndcg@10" in out
    assert "models can change places (Krichene and Rendle 2020)" in out
    assert metrics("run/evaluations/1")["test"]["sampled5/recall@10"] > metrics("run")["test"]["recall@10"]


def test_lists_of_ours_measured_as_predictions_are_the_same_numbers(trained: list[str]) -> None:
    assert main(["evaluate", CKPT, "metrics=ranking", "eval.lists=30", "slices=[popularity]"]) == 0
    lists = "run/evaluations/1/predictions.parquet"
    words = [*trained, "seed=3", "metrics=ranking", "slices=[popularity]", "hydra.run.dir=theirs"]
    assert main(["evaluate", f"predictions={lists}", *words]) == 0
    assert metrics("theirs")["test"] == pytest.approx(metrics("run/evaluations/1")["test"], abs=1e-12)
    ours, theirs = (pl.read_csv(Path(f, "slices.csv")) for f in ("run/evaluations/1", "theirs"))
    assert ours.equals(theirs)


def test_all_scores_of_ours_give_all_metrics(trained: list[str]) -> None:
    """Scores are recomputed from the checkpoint's own weights: the product of the two tables, plus biases."""
    assert main(["evaluate", CKPT, "metrics=[ranking,whole_list,classification]", "monitor=ndcg@10"]) == 0
    checkpoint = torch.load("run/checkpoints/best.ckpt", weights_only=True)
    request = Request("train", (*trained, *RUN))
    with session(request):
        parts = build(build_config(request, screen(request)), groups(request.folders))
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    recommender.load_state_dict(checkpoint["state_dict"])
    schema, keys = prepared.encoded.schema, prepared.artifact.keys
    rows = []
    for user in range(schema.n_users):
        items = torch.arange(schema.n_items)
        blank = torch.zeros(1, schema.n_items)
        slate = Slate(torch.tensor([user]), items, blank, blank > 0)
        with torch.no_grad():
            scores = recommender.model(slate)[0]
        rows.append(
            pl.DataFrame({"user_id": keys["user"][user], "item_id": keys["item"], "score": scores.numpy()})
        )
    pl.concat(rows).sample(fraction=1.0, shuffle=True, seed=1).write_csv("all.csv")
    words = [*trained, "metrics=[ranking,whole_list,classification]", "monitor=ndcg@10", "hydra.run.dir=theirs"]
    assert main(["evaluate", "predictions=all.csv", *words]) == 0
    assert metrics("theirs")["test"] == pytest.approx(metrics("run/evaluations/1")["test"], abs=1e-6)


def test_what_predictions_lack_is_named_with_counts(trained: list[str], capsys: Output) -> None:
    assert main(["evaluate", CKPT, "metrics=ranking", "eval.lists=20"]) == 0
    lists = pl.read_parquet("run/evaluations/1/predictions.parquet")
    users = lists["user"].unique(maintain_order=True)
    good = lists.filter(pl.col("user") != users[0])
    odd = pl.DataFrame(
        {"user": ["nobody", users[1], users[1]], "item": [lists["item"][0], "nothing", "nix"], "score": 1.0}
    )
    broken = good.head(2).with_columns(score=pl.lit(None, dtype=pl.Float64))
    score = pl.col("score").cast(pl.Float64)
    whole = pl.concat([good.slice(2).with_columns(score), good.slice(2, 7).with_columns(score), odd, broken])
    whole.write_parquet("theirs.parquet")
    words = [*trained, "metrics=ranking", "hydra.run.dir=theirs"]
    capsys.readouterr()
    assert main(["evaluate", "predictions=theirs.parquet", *words]) == 0
    out = capsys.readouterr().out
    assert "1 rows name 'nobody', users that the data does not have" in out
    assert "2 rows name 'nothing', 'nix', items that the data does not have" in out
    assert "2 rows have no score (NaN or missing)" in out
    assert "7 rows repeat a (user, item) pair" in out
    assert f"1 of {len(users)} test users have no row" in out
    values = pl.read_parquet("theirs/users.parquet").filter(pl.col("user") == users[0])
    assert values["recall@10"].to_list() == [0.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"user": ["a"], "score": [1.0]}, "has no column item or item_id; it has user, score"),
        ({"user": ["a"], "item": ["b"], "score": ["x"]}, "column score is String, no number"),
        ({"user": ["a"], "item": ["b"], "score": [1.0]}, "none of its 1 rows can be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    workplace: Path,
    tiny: list[str],
    capsys: Output,
    content: dict[str, list[object]],
    message: str,
) -> None:
    pl.DataFrame(content).write_parquet("theirs.parquet")
    assert main(["evaluate", "predictions=theirs.parquet", *tiny]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in workplace.iterdir()] == ["theirs.parquet"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "takes one of ckpt="),
        (["ckpt=run/nothing.ckpt"], "ckpt=run/nothing.ckpt: no such file"),
        (["ckpt=."], "ckpt=checkpoints/best.ckpt: no such file"),
        (["predictions=theirs.txt"], "not a file that can be read"),
        (["predictions=theirs.parquet"], "no such file"),
        (["predictions=a.csv", "ckpt=b.ckpt"], "takes one of ckpt="),
    ],
)
def test_nothing_to_measure_is_refused(
    workplace: Path, tiny: list[str], capsys: Output, words: list[str], message: str
) -> None:
    assert main(["evaluate", *words, *tiny]) == 2
    assert message in capsys.readouterr().err


def test_a_calibrated_run_moves_the_test_part_alone(trained: list[str]) -> None:
    assert main(["evaluate", CKPT, "calibration=platt"]) == 0
    before, after = metrics("run"), metrics("run/evaluations/1")
    assert before["valid"] == after["valid"]
    assert after["test"]["log_loss"] < before["test"]["log_loss"]
    assert after["test"]["ece"] < before["test"]["ece"]
    assert after["test"]["ndcg@10"] == before["test"]["ndcg@10"]


def test_what_the_run_set_of_metrics_that_are_left_out_is_left_out(workplace: Path, tiny: list[str]) -> None:
    assert main(["train", *tiny, *RUN, "metrics.ranking.ks=[1,10]"]) == 0
    assert main(["evaluate", CKPT, "metrics=classification", "monitor=roc_auc"]) == 0
    assert "roc_auc" in metrics("run/evaluations/1")["test"]


@pytest.mark.usefixtures("trained")
def test_few_sampled_candidates_can_be_of_several_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "CELLS", 1)
    assert main(["evaluate", CKPT, "eval.sampled=2", "eval.bootstrap=0"]) == 0
    assert 0 < metrics("run/evaluations/1")["test"]["sampled2/ndcg@10"] <= 1


def test_large_scores_of_a_file_are_no_ties(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    pl.DataFrame({"user": [1, 1], "item": [1, 2], "score": [1_700_000_001, 1_700_000_002]}).write_csv(file)
    model = predictions.read(file, [1], [1, 2], ("user", "item")).model
    first, second = model.interact(torch.tensor([0]), torch.arange(2))[0].tolist()
    assert second - first == 1


def test_predictions_are_not_calibrated(workplace: Path, tiny: list[str], capsys: Output) -> None:
    pl.DataFrame({"user": ["u0"], "item": ["i0"], "score": [1.0]}).write_parquet("theirs.parquet")
    assert main(["evaluate", "predictions=theirs.parquet", *tiny, "calibration=platt"]) == 2
    assert "a file of predictions is measured as it is" in capsys.readouterr().err


def test_a_checkpoint_of_other_encoders_is_refused(trained: list[str], capsys: Output) -> None:
    path = Path("run/checkpoints/best.ckpt")
    checkpoint = torch.load(path, weights_only=True)
    checkpoint["recsys"]["states"]["user.age"]["mean"] += 1.0
    torch.save(checkpoint, path)
    assert main(["evaluate", CKPT]) == 2
    assert "user.age: encoded otherwise now than in training" in capsys.readouterr().err


def test_a_value_that_is_no_number_is_null_in_json(trained: list[str]) -> None:
    words = ["metrics=[ranking,parity]", "metrics.parity.min_size=100000", "eval.bootstrap=0"]
    assert main(["evaluate", CKPT, *words]) == 0
    text = Path("run/evaluations/1/metrics.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["test"]["quality_gap@10"] is None

"""Every mistake gets one clear message and exit status 2, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from recsys.commands import main

CASES: list[tuple[str, list[str], list[str]]] = [
    # the design's table of traps
    ("a dot for the slash", ["encoders.id=one_hot"], ["write encoders/id=one_hot"]),
    ("a misspelt addition", ["+modle=mf"], ["no 'modle' at the top level", "did you mean 'model'?"]),
    ("an unknown key", ["model.dims=64"], ["no 'dims' in model", "did you mean 'dim'?"]),
    ("an added unknown key", ["+model.dims=64"], ["model.dims", "did you mean 'dim'?"]),
    ("a wrong type", ["model.dim=abc"], ["model.dim='abc'", "integer"]),
    ("an unknown choice", ["loss=focall"], ["loss=focall", "did you mean 'focal'?"]),
    ("missing values", ["data=table"], ["data.events: no value is given", "data.columns: no value is given"]),
    # names
    ("an unknown group", ["lss=bce"], ["no 'lss'", "did you mean 'loss'?"]),
    ("an unknown nested group", ["encoders/ids=one_hot"], ["encoders/ids", "did you mean 'encoders/id'?"]),
    ("an unknown choice of a nested group", ["encoders/id=one_hott"], ["did you mean 'one_hot'?"]),
    ("an unknown choice among several", ["-m", "loss=bce,focall"], ["did you mean 'focal'?"]),
    ("a misspelt monitor", ["monitor=ndgc@10"], ["monitor=ndgc@10", "did you mean 'ndcg@10'?"]),
    ("a monitor at another depth", ["monitor=ndcg@7"], ["monitor=ndcg@7: not among the metrics"]),
    ("a misspelt metric family", ["metrics=rankng"], ["did you mean 'ranking'?"]),
    ("a misspelt trainer argument", ["+trainer.max_epoch=3"], ["did you mean 'max_epochs'?"]),
    ("a misspelt optimizer argument", ["optimizer.learning_rate=0.1"], ["no 'learning_rate' in optimizer"]),
    ("a column that is not there", ["encoders.columns.agee=drop"], ["did you mean 'age'?"]),
    (
        "an answered column that is not there",
        ["features=[recency]", "encoders.columns.item_agee=drop"],
        ["there is no such column; did you mean 'item_age'?"],
    ),
    (
        "an unknown choice of slices",
        ["slices=[actvity]"],
        ["there is no such choice; did you mean 'activity'?"],
    ),
    ("an encoder of another type", ["encoders.columns.age=bag"], ["no such encoder for type number"]),
    ("a class that is not there", ["model._target_=recsys.model.mf.FM"], ["has no 'FM'"]),
    ("a module that is not there", ["model._target_=nope.Foo"], ["cannot import 'nope'"]),
    ("a class of another axis", ["loss._target_=recsys.model.mf.MF"], ["is no recsys.loss.Loss"]),
    ("a key of Hydra's own", ["hydra.job.chdir=true"], ["hydra.run.dir"]),
    ("a command that is not there", ["trian"], ["no such command", "did you mean 'train'?"]),
    # values
    ("a value out of range", ["model.dim=-3"], ["model.dim=-3", "greater than or equal to 1"]),
    ("a list with an impossible value", ["metrics.ranking.ks=[10,0]"], ["metrics.ranking.ks[1]"]),
    ("a negative learning rate", ["optimizer.lr=-1"], ["optimizer", "Invalid learning rate"]),
    ("epochs below -1", ["trainer.max_epochs=-5"], ["trainer", "max_epochs"]),
    ("an unknown accelerator", ["trainer.accelerator=gpuu"], ["trainer", "gpuu"]),
    ("a seed that is a word", ["seed=x"], ["seed='x'"]),
    ("a seed below 0", ["seed=-1"], ["seed=-1", "greater than or equal to 0"]),
    ("a seed of more than 32 bits", ["seed=4294967296"], ["seed=4294967296", "less than 4294967296"]),
    ("shares above 1", ["split.valid=0.7", "split.test=0.6"], ["split.valid=0.7, split.test=0.6"]),
    ("no date", ["split.valid_from=soon", "split.test_from=later"], ["split.valid_from='soon'"]),
    ("a choice that is none of the literals", ["split=random", "split.by=week"], ["split.by='week'"]),
    ("several values without -m", ["model=mf,deepfm"], ["add -m"]),
    ("no override at all", ["loss"], ["'loss' is no override"]),
    ("several mistakes at once", ["model.dims=3", "loss.gama=1"], ["no 'dims' in model", "no 'gama' in loss"]),
    (
        "half precision throughout",
        ["trainer.precision=bf16-true"],
        ["trainer.precision='bf16-true'", "'bf16-mixed'"],
    ),
    ("double precision", ["trainer.precision=64"], ["trainer.precision=64", "'32-true'"]),
    ("no epoch validated", ["trainer.check_val_every_n_epoch=0"], ["trainer.check_val_every_n_epoch=0"]),
    ("no batches to a step", ["+trainer.accumulate_grad_batches=0"], ["trainer.accumulate_grad_batches=0"]),
    ("steps between validations", ["+trainer.val_check_interval=1000"], ["trainer.val_check_interval=1000"]),
    ("nothing to train on", ["+trainer.limit_train_batches=0"], ["trainer.limit_train_batches=0"]),
    ("nothing to validate on", ["+trainer.limit_val_batches=0.0"], ["trainer.limit_val_batches=0.0"]),
    ("nothing to test on", ["+trainer.limit_test_batches=0"], ["trainer.limit_test_batches=0"]),
    ("gradients turned round", ["trainer.gradient_clip_val=-1"], ["trainer.gradient_clip_val=-1", "than 0"]),
    ("gradients of length 0", ["trainer.gradient_clip_val=0"], ["trainer.gradient_clip_val=0", "than 0"]),
    ("no logger by the trainer", ["+trainer.logger=false"], ["trainer.logger", "logger=[] for none"]),
    ("no callbacks by the trainer", ["+trainer.callbacks=[]"], ["trainer.callbacks", "~callbacks.<choice>"]),
    ("a folder by the trainer", ["+trainer.default_root_dir=x"], ["trainer.default_root_dir", "hydra.run.dir"]),
    # combinations
    ("a sampler without its model", ["model=deepfm", "sampling=in_batch"], ["sampling=in_batch needs"]),
    ("a label without its column", ["label=rating_threshold"], ["'rating'", "it has: click"]),
    ("a loss without rows", ["sampling=none", "loss=bpr"], ["loss=bpr needs several candidates in a row"]),
    # files
    (
        "a checkpoint that is not there",
        ["ckpt_path=nope/last.ckpt"],
        ["ckpt_path=nope/last.ckpt: no such file"],
    ),
    ("a folder for a checkpoint", ["ckpt_path=."], ["ckpt_path=.: a folder; name a file"]),
    ("a run in a file", ["hydra.run.dir=/dev/null"], ["hydra.run.dir=/dev/null: nothing can be written there"]),
    (
        "a run where none can be",
        ["hydra.run.dir=/proc/foo"],
        ["hydra.run.dir=/proc/foo: nothing can be written"],
    ),
    ("a cache where none can be", ["cache=/proc/foo"], ["cache=/proc/foo: nothing can be written there"]),
    (
        "a folder of one run for several",
        ["-m", "seed=0,1", "hydra.run.dir=foo"],
        ["hydra.run.dir=foo", "write hydra.sweep.dir=foo"],
    ),
    (
        "a folder of several runs for one",
        ["hydra.sweep.dir=foo"],
        ["hydra.sweep.dir=foo", "write hydra.run.dir=foo"],
    ),
    ("a config folder that is not there", ["--config-dir", "nope"], ["--config-dir nope: no such folder"]),
]


def left(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def kept(cache: Path) -> list[str]:
    """The files of a cache, locks aside."""
    return [str(p) for p in sorted(cache.rglob("*")) if p.is_file() and p.suffix != ".lock"]


@pytest.mark.parametrize(("words", "parts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_gets_one_message(
    words: list[str], parts: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = words if words == ["trian"] else ["train", *words]
    assert main(command) == 2
    error = capsys.readouterr().err
    for part in parts:
        assert part in error
    assert "Traceback" not in error
    assert all(line.startswith("error: ") for line in error.splitlines())
    assert left(workplace) == []


def test_lightnings_own_refusal_gets_one_message(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *tiny, "model=popularity", "+trainer.limit_val_batches=1e-6"]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith("error: trainer: ")


@pytest.mark.parametrize("words", [["trainer.gradient_clip_val=1.0"], ["+trainer.accumulate_grad_batches=2"]])
def test_a_model_fitted_at_once_takes_what_is_for_steps(
    words: list[str], workplace: Path, tiny: list[str]
) -> None:
    assert main(["train", *tiny, "model=ease", "metrics=ranking", *words]) == 0


CONFIGS: list[tuple[str, str, str, list[str]]] = [
    ("not YAML", "loss/mine.yaml", "_target_: [unclosed\nalpha: 1\n", ["mine.yaml:", "not YAML"]),
    (
        "an unknown key in a config",
        "loss/mine.yaml",
        "_target_: recsys.loss.focal.Focal\ngama: 2.0\n",
        ["loss.gama", "did you mean 'gamma'?"],
    ),
    (
        "a wrong type in a config",
        "loss/mine.yaml",
        "_target_: recsys.loss.focal.Focal\ngamma: high\n",
        ["loss.gamma='high'"],
    ),
    ("no class in a config", "loss/mine.yaml", "gamma: 1.0\n", ["loss: no component is chosen"]),
    (
        "an unknown word at the top level of a study",
        "study/mine.yaml",
        "# @package _global_\nmodle:\n  dim: 3\n",
        ["modle", "did you mean 'model'?"],
    ),
]


@pytest.mark.parametrize(("name", "text", "parts"), [c[1:] for c in CONFIGS], ids=[c[0] for c in CONFIGS])
def test_a_mistake_in_a_config_gets_one_message(
    name: str, text: str, parts: list[str], workplace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "conf" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    word = "loss=mine" if name.startswith("loss") else "+study=mine"
    assert main(["train", word, "--config-dir", str(tmp_path / "conf")]) == 2
    error = capsys.readouterr().err
    for part in parts:
        assert part in error
    assert left(workplace) == []


TABLES: list[tuple[str, str, list[str]]] = [
    ("a missing column", "user,movie,rating,at\n1,2,3,4\n", ["log.csv", "item"]),
    ("a rating that is no number", "user,item,rating,at\n1,2,good,4\n", ["log.csv", "rating", "good"]),
    ("an empty file", "", ["log.csv", "empty"]),
    ("a negative timestamp", "user,item,rating,at\n1,2,3,-4\n", ["log.csv", "at", "-4"]),
]
COLUMNS = "data.columns={user:{user:id},item:{item:id},context:{at:time},feedback:{rating:number}}"


@pytest.mark.parametrize(("text", "parts"), [t[1:] for t in TABLES], ids=[t[0] for t in TABLES])
def test_a_mistake_in_the_data_gets_one_message(
    text: str, parts: list[str], workplace: Path, shared_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "log.csv").write_text(text)
    before = kept(shared_cache)
    assert main(["train", "data=table", "data.events=log.csv", COLUMNS, "model=mf"]) == 2
    error = capsys.readouterr().err
    for part in parts:
        assert part in error
    assert left(workplace) == ["log.csv"]
    assert kept(shared_cache) == before


def test_a_missing_file_is_named_with_its_nearest_neighbour(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "events.csv").write_text("user,item,rating,at\n1,2,3,4\n")
    assert main(["train", "data=table", "data.events=event.csv", COLUMNS]) == 2
    assert "event.csv" in capsys.readouterr().err


def test_duplicate_ids_are_refused(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workplace / "log.csv").write_text("user,item,rating,at\n1,2,3,4\n")
    (workplace / "users.csv").write_text("user,age\n1,20\n1,30\n")
    columns = COLUMNS.replace("{user:id}", "{user:id,age:number}")
    words = ["train", "data=table", "data.events=log.csv", "data.users=users.csv", columns]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert "users.csv" in error
    assert "1" in error


def test_a_test_part_in_which_nothing_is_new_to_its_user_is_refused(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"u{row % 7},i{(row * row + row) % 31}" for row in range(300)]
    Path("log.csv").write_text("\n".join(["user,item", *rows]) + "\n")
    words = [
        "data=table",
        "data.events=log.csv",
        "data.columns={user:{user:id},item:{item:id}}",
        "split=random",
    ]
    assert main(["train", *words, "label=all_positive", "metrics=ranking", "trainer.max_epochs=1"]) == 2
    assert "eval: no user of the test part has a positive among the candidates" in capsys.readouterr().err


def test_the_installed_program_says_it_without_a_traceback(workplace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "recsys", "train", "loss=focall"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: loss=focall: there is no such choice; did you mean 'focal'?\n"

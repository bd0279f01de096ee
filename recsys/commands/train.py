"""Train and evaluate one combination, or with -m every one of a grid."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from omegaconf import DictConfig

from recsys import claim, stops
from recsys.commands._hydra import read, usage, view
from recsys.commands._lines import say
from recsys.compose import Request, build_config, expand, groups, screen, session
from recsys.resume import check_place, ckpt_of, folder_of, later_wins, overrides_of

if TYPE_CHECKING:
    from recsys.report.table import Line
    from recsys.sweep import Job
    from recsys.types import Monitor

HELP = """
recsys train [key=value …] [-m] [--config-dir FOLDER] [--cfg job]

  recsys train                                   the default combination on simulated data
  recsys train data=movielens_1m model=mf        choose by name
  recsys train model.dim=32 optimizer.lr=0.01    set what a choice takes
  recsys train encoders/number=quantile_bins     how a type of column is encoded
  recsys train encoders.columns.age=drop         how one column is encoded
  recsys train -m model=mf,deepfm seed=0,1,2     every combination, checked before the first is trained
  recsys train +reproduce=ml100k_popularity      a study of experiments/
  recsys train ckpt_path=RUN/checkpoints/last.ckpt   go on where a run was stopped

  -m, --multirun       run the product of all values that are separated by commas
  --config-dir FOLDER  your own configs, laid out like conf/
  --cfg job            show the composed config and run nothing
  --info defaults      show where it comes from
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    request, options = read("train", argv)
    if options.help:
        print(usage(request, HELP))
        return 0
    if options.cfg or options.info:
        return view(request, options)
    words = screen(request)
    return _sweep(request, words) if request.multirun else _single(request, words)


def _single(request: Request, words: Sequence[str]) -> int:
    checkpoint = ckpt_of(words)
    if checkpoint:
        before = folder_of(checkpoint)
        check_place(words, before)
        words = later_wins([*overrides_of(before), *words])
    with session(request):
        config = build_config(request, words)
        from recsys.report import table
        from recsys.run import execute

        kept = [word for word in words if not word.startswith("ckpt_path=")]
        ours = claim.again(folder_of(checkpoint), "ckpt_path") if checkpoint else _claimed(config, "run", words)
        with ours as folder:
            status = execute(config, groups(request.folders), folder, kept, say)
    seconds = status["seconds"]
    print(f"trained   {status['parameters']:,} parameters in {seconds['fit']:.1f} s; {_epoch(status)}")
    print()
    table.show_run(
        status["outcome"].measured,
        status["monitor"].removeprefix("valid/"),
        confidence=config.eval.get("confidence", 0.95),
    )
    print(f"\n{folder}")
    return 0


def _epoch(status: dict[str, Any]) -> str:
    best = status["best_epoch"]
    return f"best epoch {best + 1} by {status['monitor']}" if best is not None else "no epochs to choose from"


def _claimed(
    config: DictConfig, kind: Literal["run", "sweep"], words: Sequence[str]
) -> AbstractContextManager[Path]:
    """The folder to write into: the one that was asked for, or one that nobody has yet."""
    key, folder = f"hydra.{kind}.dir", Path(config.hydra[kind].dir)
    if any(word.startswith(f"{key}=") for word in words):
        return claim.asked(folder, key)
    return claim.new(claim.numbered(folder), key)


def _sweep(request: Request, words: Sequence[str]) -> int:
    from recsys.sweep import STOPPED, differing, plan, run_all

    runs = expand(words)
    jobs = list(plan(request, runs))
    valid = [job for job in jobs if not job.reason]
    config, monitor = next((job.config, job.monitor) for job in jobs if job.config and job.monitor)
    names = dict(enumerate(differing(runs)))
    print(f"{len(jobs)} combinations: {len(valid)} valid, {len(jobs) - len(valid)} refused", flush=True)
    before = [{"state": "refused", "reason": job.reason} if job.reason else STOPPED for job in jobs]
    lines = {
        job.number: _line(job, names[job.number], status) for job, status in zip(jobs, before, strict=True)
    }
    if not valid:
        return _close(monitor, list(lines.values()), None)
    with _claimed(config, "sweep", words) as folder, stops.exits_at_sigterm():
        print(f"sweep     {folder}", flush=True)
        try:
            for done, (job, status) in enumerate(run_all(request, valid, folder, config.workers), 1):
                line = _line(job, names[job.number], status, str(folder / str(job.number)))
                lines[job.number] = line
                print(f"[{done}/{len(valid)}] {_summary(line, status)}", flush=True)
        finally:
            code = _close(monitor, list(lines.values()), folder)
    return code


def _line(job: "Job", choices: dict[str, str], status: dict[str, Any], folder: str = "") -> "Line":
    from recsys.report.table import Line

    return Line(
        state=status["state"],
        choices=choices,
        values=status.get("metrics", {}).get("test", {}),
        seconds=status.get("elapsed", 0.0),
        reason=status.get("reason", ""),
        folder=folder,
    )


def _summary(line: "Line", status: dict[str, Any]) -> str:
    what = " ".join(f"{key}={value}" for key, value in line.choices.items())
    if line.state != "finished":
        return f"{what}: {line.state}: {line.reason}"
    name = status["monitor"].removeprefix("valid/")
    prepared = "prepared data" if status["prepared"] == "made" else "data from the cache"
    return f"{what}: test {name} {line.values[name]:.4f} ({line.seconds:.1f} s, {prepared})"


def _close(monitor: "Monitor", lines: Sequence["Line"], folder: Path | None) -> int:
    """Write and print the table of the sweep; the exit status."""
    from recsys.report import seeds, table

    name, higher = monitor.name.removeprefix("valid/"), monitor.higher_is_better
    ranked = table.ordered(lines, name, higher_is_better=higher)
    spreads = {key: seeds.over_seeds(ranked, name, higher_is_better=higher, key=key) for key in seeds.REPEATS}
    if folder is not None:
        table.write(ranked, folder, below="".join(seeds.markdown(spread) for spread in spreads.values()))
    print()
    names = table.headline(ranked, name)
    table.show_fitting(partial(table.of_sweep, ranked), names)
    for key, spread in spreads.items():
        if spread:
            print(f"\nmean ± standard deviation over {seeds.REPEATS[key]}")
            table.show_fitting(partial(seeds.of_seeds, spread), names)
    for reason in table.reasons(ranked):
        print(f"\n{reason}")
    if folder is None:
        return 2
    print(f"\n{folder}")
    return 1 if any(line.state == "failed" for line in lines) else 0

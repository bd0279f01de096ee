"""Measure a finished run again, with other metrics, slices or candidates, or another system's predictions."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

from recsys import claim
from recsys.commands._hydra import read, usage
from recsys.commands._lines import say
from recsys.compose import Request, build_config, groups, screen, session
from recsys.resume import folder_of, later_wins, overrides_of
from recsys.types.errors import UserError

FOLDER = "hydra.run.dir="

HELP = """
recsys evaluate ckpt=RUN [key=value …]           a finished run, without training it again
recsys evaluate predictions=FILE [key=value …]   rows of (user, item, score) from any system, on our split

  recsys evaluate ckpt=RUN metrics=ranking metrics.ranking.ks=[10,100]
  recsys evaluate ckpt=RUN slices=[activity,popularity,cold]
  recsys evaluate ckpt=RUN eval.candidates=new_items
  recsys evaluate predictions=theirs.parquet data=movielens_100k label=all_positive split=leave_last_out

RUN is the folder of a run, or a checkpoint in it; the folder stands for checkpoints/best.ckpt.
Of a finished run only metrics, eval, slices, calibration and monitor can be changed. Results are written into
evaluations/ of the run, or of the current folder for predictions, or where hydra.run.dir says.
Choosing metrics=… anew drops what the run had set below metrics.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    sources = [word for word in argv if word.partition("=")[0] in ("ckpt", "predictions")]
    request, options = read("evaluate", [word for word in argv if word not in sources])
    if options.help:
        print(usage(request, HELP))
        return 0
    if len(sources) != 1 or options.multirun:
        raise UserError("recsys evaluate takes one of ckpt=<run> and predictions=<file>")
    kind, _, file = sources[0].partition("=")
    return _evaluate(request, kind, Path(file).expanduser())


def _evaluate(request: Request, kind: str, file: Path) -> int:
    words = screen(request)
    if kind == "ckpt" and file.is_dir():
        file = file / "checkpoints" / "best.ckpt"
    home = folder_of(file, "ckpt") / "evaluations" if kind == "ckpt" else Path("evaluations")
    ours = _claimed(words, home)
    if kind == "ckpt":
        from recsys.remeasure import check_words

        check_words(words)
        before = [word for word in overrides_of(folder_of(file)) if not word.startswith(FOLDER)]
        words = later_wins([*(word for word in before if not _replaced(word, words)), *words])
    with session(request):
        config = build_config(request, words)
        from recsys import remeasure
        from recsys.report import table

        measure = remeasure.of_checkpoint if kind == "ckpt" else remeasure.of_predictions
        known = groups(request.folders)
        with ours as folder:
            status = measure(config, known, file, folder, words, say)
    print()
    table.show_run(
        status["outcome"].measured, status["monitor"].removeprefix("valid/"), confidence=config.eval.confidence
    )
    print(f"\n{folder}")
    return 0


def _replaced(word: str, words: Sequence[str]) -> bool:
    """Whether what the run set belongs to a choice in whose place another is made: it may have no such key."""
    chosen = {one.partition("=")[0] for one in words}
    return word.partition("=")[0].lstrip("+~").partition(".")[0] in chosen


def _claimed(words: Sequence[str], home: Path) -> AbstractContextManager[Path]:
    """Where the results go: where the person says, or the first numbered folder that nobody has yet."""
    asked = [word.removeprefix(FOLDER) for word in words if word.startswith(FOLDER)]
    if asked:
        return claim.asked(Path(asked[-1]).expanduser(), FOLDER.rstrip("="))
    return claim.new((home / str(number) for number in count(1)), FOLDER.rstrip("="))

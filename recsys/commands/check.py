"""Say whether a combination can run, or with -m which of a grid can, and if not why, without reading data."""

from collections.abc import Sequence

from recsys.commands._hydra import read, usage, view
from recsys.compose import screen

HELP = """
recsys check [key=value …] [-m] [--config-dir FOLDER]

  recsys check model=deepfm sampling=in_batch
  recsys check -m model=mf,deepfm loss=bce,bpr sampling=none,uniform,in_batch

Takes what recsys train takes. Exit status 0 where something can run, 2 where nothing can.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    request, options = read("train", argv)
    if options.help:
        print(usage(request, HELP))
        return 0
    if options.cfg or options.info:
        return view(request, options)
    from recsys.sweep import differing, plan

    jobs = plan(request, screen(request))
    if not request.multirun and len(jobs) > 1:
        from recsys.types import UserError

        raise UserError("several values are given; add -m to check every combination")
    for job, choices in zip(jobs, differing(jobs), strict=True):
        name = " ".join(f"{key}={value}" for key, value in choices.items()) or "the default combination"
        print(f"{name}: {'refused: ' + job.reason if job.reason else 'valid'}")
    refused = sum(bool(job.reason) for job in jobs)
    print(f"{len(jobs)} combinations: {len(jobs) - refused} valid, {refused} refused")
    return 2 if refused == len(jobs) else 0

"""Say whether a combination can run, or with -m which of a grid can, and if not why, without reading data."""

from collections.abc import Sequence

from recsys.commands._hydra import read, usage, view
from recsys.compose import expand, screen

HELP = """
recsys check [key=value …] [-m] [--config-dir FOLDER]

  recsys check model=deepfm sampling=in_batch
  recsys check -m model=mf,deepfm loss=bce,bpr sampling=none,uniform,in_batch

Takes what recsys train takes. Exit status 0 where something can run, 2 where nothing can.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    request, options = read("check", argv)
    if options.help:
        print(usage(request, HELP))
        return 0
    if options.cfg or options.info:
        return view(request, options)
    from recsys.sweep import differing, plan

    runs = expand(screen(request))
    if not request.multirun and len(runs) > 1:
        from recsys.types import UserError

        raise UserError("several values are given; add -m to check every combination")
    refused = 0
    for job, choices in zip(plan(request, runs), differing(runs), strict=True):
        name = " ".join(f"{key}={value}" for key, value in choices.items()) or "the default combination"
        print(f"{name}: {'refused: ' + job.reason if job.reason else 'valid'}", flush=True)
        for remark in job.remarks:
            print(f"  note: {remark}", flush=True)
        refused += bool(job.reason)
    print(f"{len(runs)} combinations: {len(runs) - refused} valid, {refused} refused")
    return 2 if refused == len(runs) else 0

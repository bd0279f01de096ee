"""Look for leaks between the parts of a split: what a model could know of the rows that it is measured on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.commands._hydra import read, usage, view
from recsys.compose import Request, build_config, groups, screen, session
from recsys.types.errors import UserError

if TYPE_CHECKING:
    from recsys.types import Audit

HELP = """
recsys audit [key=value …] [--config-dir FOLDER]

  recsys audit data=movielens_100k label=all_positive split=random
  recsys audit split=new_items split.by=time

Takes what recsys train takes; data, label and split matter. Exit status 0, or 1 where there is a leak.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    request, options = read("audit", argv)
    if options.help:
        print(usage(request, HELP))
        return 0
    if options.cfg or options.info:
        return view(request, options)
    if options.multirun:
        raise UserError("recsys audit looks at one split; leave out -m")
    audited = _audited(request)
    from recsys import audit
    from recsys.report import table

    table.show(table.of_audit(audited))
    found = len(audit.leaks(audited))
    print(f"\n{found} of {len(audited.findings)} are leaks" if found else "\nno leak was found")
    return 1 if found else 0


def _audited(request: Request) -> "Audit":
    words = screen(request)
    with session(request):
        config = build_config(request, words)
        from recsys import cache
        from recsys.build import build
        from recsys.check import refusals

        parts = build(config, groups(request.folders))
        reasons = refusals(parts, without=("model", "sampling", "loss", "metrics", "slices", "calibration"))
        if reasons:
            raise UserError(*reasons)
        return cache.audit_once(parts)

"""Look for a learning rate: train while it rises, and say where the loss falls fastest."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.commands._hydra import read, usage, view
from recsys.compose import build_config, groups, screen, session
from recsys.types.errors import UserError

if TYPE_CHECKING:
    from recsys.range_test import Curve

HELP = """
recsys find-lr [key=value …] [--from RATE] [--to RATE] [--steps N] [--config-dir FOLDER]

  recsys find-lr model=two_tower loss=sampled_softmax sampling=in_batch
  recsys find-lr model=mf optimizer=sgd --from 1e-3 --to 100

Takes what recsys train takes, and writes nothing. The suggestion is where to begin to look, no more.
"""

LINES, BAR = 20, 40


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="recsys find-lr", add_help=False, allow_abbrev=False)
    parser.add_argument("--from", dest="least", type=float, default=1e-5)
    parser.add_argument("--to", dest="most", type=float, default=1.0)
    parser.add_argument("--steps", type=int, default=200)
    ranges, rest = parser.parse_known_args(list(argv))
    request, options = read("find-lr", rest)
    if options.help:
        print(usage(request, HELP))
        return 0
    if options.cfg or options.info:
        return view(request, options)
    if options.multirun:
        raise UserError("recsys find-lr looks at one combination; leave out -m")
    if not 0 < ranges.least < ranges.most:
        raise UserError(f"--from {ranges.least:g} --to {ranges.most:g}: write two rates above 0, lower first")
    if ranges.steps < 10:
        raise UserError(f"--steps {ranges.steps}: at least 10 are needed")
    words = screen(request)
    with session(request):
        config = build_config(request, words)
        from recsys.build import build
        from recsys.check import check
        from recsys.range_test import find

        parts = build(config, groups(request.folders))
        check(parts)
        curve = find(parts, least=ranges.least, most=ranges.most, steps=ranges.steps)
    print("\n".join(drawn(curve)))
    if curve.suggestion is None:
        print("\nthe loss never fell; look at other rates (--from, --to), or at the loss itself")
        return 1
    print(f"\noptimizer.lr={curve.suggestion:.2g}")
    return 0


def drawn(curve: "Curve") -> list[str]:
    """Rate and smoothed loss of some of the steps, with a bar as long as the loss is high."""
    low, high = min(curve.losses), max(curve.losses)
    every = max(1, len(curve.losses) // LINES)
    lines = ["     rate      loss"]
    for rate, loss in list(zip(curve.rates, curve.losses, strict=True))[::every]:
        bar = "█" * round(1 + (BAR - 1) * (loss - low) / max(high - low, 1e-12))
        lines.append(f"{rate:9.2g} {loss:9.4g}  {bar}")
    return lines

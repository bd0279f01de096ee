"""Say which of several runs is better, and whether the users it was measured on can show that."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.commands._lines import broken
from recsys.types.errors import UserError

if TYPE_CHECKING:
    from recsys.report.groups import Group

HELP = """
recsys compare RUN RUN … [--metrics NAME,NAME] [--baseline] [--test NAME] [--output FILE]

  recsys compare runs/a runs/b              two runs
  recsys compare runs/sweep                 the finished runs of a sweep
  recsys compare runs/a runs/sweep --baseline --metrics ndcg@10,recall@20

Runs that differ only in the seed are one group. docs/comparing.md says how to read the tables.

  --metrics NAME,NAME  which metrics; otherwise the one that the best epoch was chosen by
  --baseline           all against the first only; otherwise every pair, where there are up to six groups
  --test NAME          bootstrap (otherwise), t or wilcoxon
  --output FILE.md     write the tables, or as FILE.csv the differences
"""

PAIRS = 6
"""Up to how many groups every pair is compared."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    options = _parser().parse_intermixed_args(list(argv))
    if options.help:
        print(HELP.strip())
        return 0
    _check(options)
    from recsys.report import runs, table, verdict
    from recsys.report.compare import compare
    from recsys.report.groups import check_same_test, grouped

    found = runs.read(options.runs)
    groups = grouped(found)
    remarks = check_same_test(found)
    metrics = _metrics(options.metrics, groups)
    against_first = options.baseline or len(groups) > PAIRS
    comparison = compare(groups, metrics, options.test, against_first=against_first)
    for line in verdict.legend(comparison):
        print(line)
    print(f"\n{comparison.users:,} test users")
    table.show(verdict.means(comparison))
    print(f"\npaired {comparison.test} test")
    table.show(verdict.differences(comparison))
    for line in (*verdict.sentences(comparison), *(f"note: {remark}" for remark in remarks)):
        print(f"\n{broken(line, 4)}")
    if options.output:
        verdict.write(comparison, options.output)
        print(f"\n{options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recsys compare", add_help=False, allow_abbrev=False)
    parser.add_argument("runs", nargs="*", type=Path)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--metrics", default="")
    parser.add_argument("--baseline", action="store_true")
    parser.add_argument("--test", default="bootstrap")
    parser.add_argument("--output", type=Path)
    return parser


def _check(options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything is read."""
    from recsys.compose import nearest

    tests, problems = ["bootstrap", "t", "wilcoxon"], []
    if not options.runs:
        problems.append(
            "recsys compare: no run is given; recsys compare RUN RUN, each a folder that train printed"
        )
    if options.test not in tests:
        problems.append(f"--test {options.test}: there is no such test; {nearest(options.test, tests)}")
    if options.output and options.output.suffix not in (".md", ".csv"):
        problems.append(f"--output {options.output}: neither .md nor .csv; choose one by the name's end")
    if problems:
        raise UserError(*problems)


def _metrics(asked: str, groups: Sequence["Group"]) -> list[str]:
    """The metrics to compare.

    Raises:
        UserError: a run has no values of users for one of them; names the nearest.
    """
    from recsys.compose import nearest

    names = [name for name in asked.split(",") if name] or [groups[0].runs[0].monitor]
    problems = []
    for run in (run for group in groups for run in group.runs):
        has = run.metrics
        problems += [
            f"--metrics {name}: {run.folder}/users.parquet has no such metric; {nearest(name, has)}"
            for name in names
            if name not in has
        ]
    if problems:
        raise UserError(*problems[:3])
    return list(dict.fromkeys(names))

"""Say what a data set is like, and what in it will hurt, before anything is trained."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.commands._hydra import read, usage, view
from recsys.compose import Request, build_config, groups, nearest, screen, session
from recsys.types.errors import UserError

if TYPE_CHECKING:
    from recsys.build import Parts
    from recsys.types import Events

HELP = """
recsys data describe [key=value …] [--config-dir FOLDER] [--output FILE]

  recsys data describe data=movielens_100k
  recsys data describe data=table data.events=log.csv data.columns='{user:{user:id},item:{item:id}}'
  recsys data describe label=rating_threshold label.threshold=5 data=movielens_1m --output profile.md

Prints sizes, columns, popularity, the label of each period, and warnings. Nothing is prepared or cached.

  --output FILE.md     write it as Markdown, or as FILE.json every number
"""
VERBS = ["describe"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="recsys data", add_help=False, allow_abbrev=False)
    parser.add_argument("--output", type=Path)
    own, rest = parser.parse_known_args(list(argv))
    request, options = read("data", rest)
    if options.help:
        print(usage(request, HELP))
        return 0
    request = _without_verb(request, own.output)
    if options.cfg or options.info:
        return view(request, options)
    return _describe(request, own.output)


def _without_verb(request: Request, output: Path | None) -> Request:
    """The request for the config alone.

    Raises:
        UserError: the verb is missing or unknown, or what is asked for cannot be written.
    """
    verb, *words = request.overrides or ("",)
    if verb not in VERBS:
        said = f"recsys data {verb}: there is no such command" if verb else "recsys data: no command is given"
        raise UserError(f"{said}; {nearest(verb, VERBS)}")
    if request.multirun:
        raise UserError("recsys data describe takes one data set; leave -m out")
    if output is not None and output.suffix not in (".md", ".json"):
        raise UserError(f"--output {output}: neither .md nor .json; choose one by the name's end")
    return Request(request.command, tuple(words), False, request.config_dirs)


def _describe(request: Request, output: Path | None) -> int:
    words = screen(request)
    with session(request):
        config = build_config(request, words)
    from recsys.build import build
    from recsys.report import hazards, profile_table
    from recsys.report.profile import profile

    parts = build(config, groups(request.folders))
    events = parts.data.load()
    labelled, notes = _labelled(parts, events)
    found = profile(events, labelled)
    warnings = hazards.hazards(events, found, int(time.time()))
    profile_table.show(found, warnings, notes)
    if output:
        profile_table.write(output, found, warnings, notes)
        print(f"\n{output}")
    return 0


def _labelled(parts: "Parts", events: "Events") -> tuple["Events | None", list[str]]:
    """The events with the chosen label; without one, why there is none."""
    name = f"label={parts.choices.get('label', '')}"
    missing = [need for need in parts.label.needs if parts.data.gives.isdisjoint({need.what, *need.instead})]
    if missing:
        return None, [
            f"no label is shown: {name} needs {missing[0].what}, which the data lacks; choose another"
        ]
    try:
        return parts.label.apply(events), []
    except UserError as error:
        return None, [f"no label is shown: {problem}" for problem in error.problems]

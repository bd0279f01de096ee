"""What the commands that compose a config share: their words, their help, and Hydra's own views of a config."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys.commands._lines import broken
from recsys.compose import CONF, Request, groups, screen, search_path
from recsys.types.errors import UserError


def read(command: str, argv: Sequence[str]) -> tuple[Request, argparse.Namespace]:
    """The request for a config of recsys train in the words of the command line.

    Args:
        command: that they were typed for.

    Raises:
        UserError: a config folder does not exist.
    """
    parser = argparse.ArgumentParser(prog=f"recsys {command}", add_help=False, allow_abbrev=False)
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("-m", "--multirun", action="store_true")
    parser.add_argument("--config-dir", action="append", default=[], type=Path)
    parser.add_argument("-c", "--cfg", choices=("job", "hydra", "all"))
    parser.add_argument("-i", "--info", nargs="?", const="all")
    parser.add_argument("-p", "--package")
    parser.add_argument("--resolve", action="store_true")
    options = parser.parse_intermixed_args(list(argv))
    for folder in options.config_dir:
        if not folder.is_dir():
            raise UserError(f"--config-dir {folder}: no such folder")
    folders = tuple(folder.resolve() for folder in options.config_dir)
    return Request("train", tuple(options.overrides), options.multirun, folders), options


def view(request: Request, options: argparse.Namespace) -> int:
    """Let Hydra show the composed config (`--cfg`) or how it came to be (`--info`)."""
    import hydra
    from hydra.errors import HydraException

    words = [*screen(request), search_path(request)]
    flags = ["--cfg", options.cfg] if options.cfg else ["--info", options.info]
    flags += ["--package", options.package] if options.package else []
    flags += ["--resolve"] if options.resolve else []
    sys.argv = [f"recsys {request.command}", *words, *flags]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        hydra.main(version_base="1.3", config_path=str(CONF), config_name=request.command)(_never)()
    except HydraException as error:
        raise UserError(" ".join(str(error).split("\n")[:2])) from None
    return 0


def _never(_: object) -> None:
    raise AssertionError("a view of a config runs nothing")


def usage(request: Request, text: str) -> str:
    """Help for a person: what can be typed, and what there is to choose from."""
    known = groups(request.folders)
    axes = {group: choices for group, choices in known.items() if group != "."}
    width = max(len(axis) for axis in axes)
    lines = [broken(f"  {axis:<{width}}  {', '.join(choices)}", width + 4) for axis, choices in axes.items()]
    return "\n".join(
        [text.strip(), "", "What there is to choose from (recsys list <axis> says what each is):", *lines]
    )

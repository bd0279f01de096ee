"""The command line: `recsys <command> [overrides]`, one module a command."""

import ast
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys import __version__
from recsys.commands._lines import broken
from recsys.stops import TERMINATED, as_sent
from recsys.types.errors import UserError

HERE = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, or 2 after a mistake of the person who typed it.

    141 means that the reader of the output left, 130 that it was stopped by hand, 143 that it was by SIGTERM.

    The current folder is importable, so that `_target_: mine.Brier` finds mine.py beside the person.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if words[0] == "--version":
        print(f"recsys {__version__}")
        return 0
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        with as_sent():
            return _module(words[0]).main(words[1:])
    except UserError as error:
        if os.environ.get("RECSYS_TRACEBACK"):
            raise
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except SystemExit as error:
        if error.code == TERMINATED:
            print("stopped by SIGTERM", file=sys.stderr)
        raise
    except BrokenPipeError:
        # Whoever read the output has enough (recsys list | head); what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def commands() -> dict[str, str]:
    """Every command with the first line of its module's docstring, read without importing it."""
    files = [file for file in sorted(HERE.glob("*.py")) if not file.stem.startswith("_")]
    return {file.stem.replace("_", "-"): _first_line(file) for file in files}


def overview() -> str:
    """What is printed when no command is given."""
    width = max(len(name) for name in commands())
    lines = "\n".join(broken(f"  {name:<{width}}  {text}", width + 4) for name, text in commands().items())
    return (
        "recsys <command> [key=value …]: experiments with recommender systems\n\n"
        f"{lines}\n\nrecsys <command> --help says more; recsys train runs with no further word."
    )


def _first_line(file: Path) -> str:
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def _module(command: str):
    from recsys.compose import nearest

    if command not in commands():
        raise UserError(f"recsys {command}: no such command; {nearest(command, list(commands()))}")
    return importlib.import_module(f"recsys.commands.{command.replace('-', '_')}")

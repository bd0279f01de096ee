"""Lines for a person at a terminal, broken between words; whole where a program or a file reads them."""

import shutil
import sys
import textwrap


def broken(line: str, indent: int) -> str:
    """The line, broken at the terminal's width; what follows is `indent` columns in."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return textwrap.fill(
        line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def say(line: str) -> None:
    """Print a line of a run, which begins with a word in ten columns, at once."""
    print(broken(line, 10), flush=True)

"""List the choices of every axis, or of one, with a line on what each is."""

from collections.abc import Sequence

from recsys.commands._hydra import read
from recsys.commands._lines import broken
from recsys.compose import Groups, describe, groups, nearest
from recsys.types.errors import UserError

HELP = """
recsys list [axis …] [--config-dir FOLDER]

  recsys list              every choice of every axis
  recsys list loss         the losses
"""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    request, options = read("list", argv)
    if options.help:
        print(HELP.strip())
        return 0
    known = {group: choices for group, choices in groups(request.folders).items() if group != "."}
    for number, group in enumerate(_wanted(request.overrides, known)):
        print(("\n" if number else "") + group)
        width = max(len(choice) for choice in known[group])
        for choice, file in known[group].items():
            print(broken(f"  {choice:<{width}}  {describe(file)}", width + 4))
    return 0


def _wanted(words: Sequence[str], known: Groups) -> list[str]:
    """The groups that were asked for; a group brings those below it."""
    if not words:
        return list(known)
    wanted = []
    for word in words:
        found = [group for group in known if group == word or group.startswith(f"{word}/")]
        if not found:
            raise UserError(f"recsys list {word}: there is no such axis; {nearest(word, list(known))}")
        wanted += found
    return wanted

"""Data that a person fetches herself, because the publisher asks for a form, a login or a reason."""

from collections.abc import Sequence
from pathlib import Path

from recsys.ops.paths import data_home
from recsys.types import UserError


def locate(name: str, files: Sequence[str], origin: str) -> Path:
    """The folder `name` of the data home, with its files.

    Args:
        files: paths inside the folder.
        origin: where the files come from, for the message.

    Raises:
        UserError: the folder or a file is missing; names what to put where.
    """
    folder = data_home() / name
    lacking = [file for file in files if not (folder / file).is_file()]
    if lacking:
        state = "lacks" if folder.is_dir() else "is missing, with"
        raise UserError(
            f"{folder}: {state} {', '.join(lacking)}; put them there from {origin}, or let RECSYS_DATA name "
            f"the folder that has {name}/"
        )
    return folder

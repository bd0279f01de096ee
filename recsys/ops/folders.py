"""Where the files of a source lie: a folder of the data home, which a machine or a person fills."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys.ops import download
from recsys.ops.paths import data_home
from recsys.types import UserError


@dataclass(frozen=True)
class Downloaded:
    """A folder that is downloaded where it is not there.

    Attributes:
        name: of the folder.
        files: that are read of it.
        url: of the publisher's zip archive.
        md5: of the archive; None takes the one that the publisher keeps beside it.
    """

    name: str
    files: Sequence[str]
    url: str
    md5: str | None

    def path(self) -> Path:
        """The folder, downloaded first where it is not there.

        Raises:
            UserError: as `download.obtain`.
        """
        return download.obtain(self.name, self.files, self.url, self.md5)

    def fingerprint(self) -> str:
        """The folder's name, and names, sizes and times of change of the files."""
        return f"{self.name} {download.fingerprint(self.path(), self.files)}"


@dataclass(frozen=True)
class ByHand:
    """A folder that a person fills, because no archive of these files is published.

    Attributes:
        name: of the folder.
        files: that are read of it.
        origin: where a person finds them; ends the sentence "they are …".
    """

    name: str
    files: Sequence[str]
    origin: str

    def path(self) -> Path:
        """The folder.

        Raises:
            UserError: it is not there, or lacks a file; says which files have to be put where.
        """
        folder = data_home() / self.name
        lacking = [file for file in self.files if not (folder / file).is_file()]
        if lacking:
            what = f"lacks {', '.join(lacking)}" if folder.is_dir() else "no such folder"
            raise UserError(
                f"{folder}: {what}; put {', '.join(lacking)} there, which cannot be downloaded for you "
                f"(they are {self.origin}), or let RECSYS_DATA name the folder that has {self.name}/"
            )
        return folder

    def fingerprint(self) -> str:
        """The folder's name, and names, sizes and times of change of the files."""
        return f"{self.name} {download.fingerprint(self.path(), self.files)}"

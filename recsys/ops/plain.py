"""Text files of forms of their own: numbered lines, and grids of numbers."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.types import UserError

if TYPE_CHECKING:
    import numpy as np


def numbered_lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, plain or .gz, without their ends; blank ones are left out, numbers from 1.

    Raises:
        UserError: the file cannot be read, or a line is no text; names the line.
    """
    number = 0
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as handle:
            for number, line in enumerate(handle, 1):
                text = line.decode().strip("\r\n")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError:
        raise UserError(f"{file}: line {number}: is no UTF-8 text") from None
    except (OSError, EOFError) as error:
        raise UserError(f"{file}: cannot be read after line {number}: {error}") from None


def read_grid(file: Path, shape: tuple[int, int] | None = None) -> "np.ndarray":
    """Numbers between spaces, a row a line, `[rows, columns]` float64.

    Args:
        shape: what is expected; None takes any number of rows, all as wide as the first.

    Raises:
        UserError: a value is no number, or the shape is another; names the line.
    """
    import numpy as np

    grid: list[list[float]] = []
    width = shape[1] if shape else 0
    for number, line in numbered_lines(file):
        words = line.split()
        width = width or len(words)
        if len(words) != width:
            raise UserError(f"{file}: line {number} has {len(words)} numbers, {width} are expected")
        try:
            grid.append([float(word) for word in words])
        except ValueError as error:
            raise UserError(f"{file}: line {number}: {error}") from None
    if not grid or (shape and len(grid) != shape[0]):
        wanted = f"{shape[0]} are" if shape else "at least one is"
        raise UserError(f"{file}: has {len(grid)} lines, {wanted} expected")
    return np.array(grid)


def check_table(
    file: Path,
    table: "np.ndarray",
    columns: tuple[str, ...],
    *,
    low: tuple[float, ...],
    high: tuple[float, ...],
) -> None:
    """Refuse an array that has not these columns, or a value outside of its column's range.

    Raises:
        UserError: names the row, from 1, and the column.
    """
    import numpy as np

    if table.ndim != 2 or table.shape[1] != len(columns) or not len(table) or table.dtype.kind not in "iuf":
        raise UserError(
            f"{file}: an array of {table.dtype} {list(table.shape)}; numbers [rows, {len(columns)}] are "
            f"expected: {', '.join(columns)}"
        )
    bad = ~((table >= np.array(low)) & (table <= np.array(high)))
    if bad.any():
        row, column = (int(place) for place in np.argwhere(bad)[0])
        raise UserError(
            f"{file}: row {row + 1}, column {columns[column]!r}: {table[row, column]} is outside of "
            f"{low[column]:g} to {high[column]:g}"
        )

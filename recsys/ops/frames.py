"""From files to one frame of typed columns."""

import difflib
from collections.abc import Collection, Mapping, Sequence

import polars as pl

from recsys.ops import keys, reading
from recsys.ops.casting import Column, Form, typed
from recsys.ops.contents import Contents, where
from recsys.ops.lines import Dialect, File
from recsys.types import ColumnType, UserError


def read_frame(
    files: Sequence[File],
    dialect: Dialect,
    types: Mapping[str, ColumnType],
    *,
    required: Collection[str] | None = None,
    key: str | None = None,
    event_time: str | None = None,
    form: Form = Form(),  # noqa: B008 - frozen
) -> pl.DataFrame:
    """The declared columns in their types and order; the rows of several files follow each other.

    Args:
        required: columns in which no value may be missing; None means all.
        key: a column in which no value may stand twice.
        event_time: a column of times that may not lie before 1970.

    Raises:
        UserError: a file cannot be read, files differ in their columns, a column is missing, or a value is not
            of its type; names file, line and column.
    """
    parts = [reading.read(file, dialect) for file in files]
    return typed_frame(parts, types, required=required, key=key, event_time=event_time, form=form)


def typed_frame(
    parts: Sequence[Contents],
    types: Mapping[str, ColumnType],
    *,
    required: Collection[str] | None = None,
    key: str | None = None,
    event_time: str | None = None,
    form: Form = Form(),  # noqa: B008 - frozen
    coded: Collection[str] = (),
) -> pl.DataFrame:
    """What `read_frame` makes of files, of contents that are read already or still to be read.

    Of contents that are lazy, one column is read after the other.

    Args:
        coded: columns of ids whose text is given as `pl.Categorical`, read in pieces.
    """
    for part in parts[1:]:
        _refuse_other_columns(part, parts[0])
    needed = types if required is None else required
    done = [_cast(part, types, needed, event_time, form, coded) for part in parts]
    for name in coded:
        ids = keys.alike([frame[name] for frame in done])
        done = [frame.with_columns(column) for frame, column in zip(done, ids, strict=True)]
    frame = pl.concat(done, how="vertical_relaxed")
    if key is not None:
        _refuse_twice(frame[key], parts)
    return frame


def _cast(
    contents: Contents,
    types: Mapping[str, ColumnType],
    required: Collection[str],
    event_time: str | None,
    form: Form,
    coded: Collection[str],
) -> pl.DataFrame:
    """The declared columns of one file; of each column the first value that does not fit is named."""
    _refuse_missing(contents, list(types))
    done, problems = [], []
    for name, type_ in types.items():
        try:
            column = Column(contents, _values(contents, name, form, coded), form)
            values = column.values if name in coded else typed(column, type_)
            if name in required and values.has_nulls():
                row = values.is_null().arg_max() or 0
                raise UserError(f"{column.at(row)}: the value is missing, and every row needs one")
            if name == event_time:
                column.refuse(values < 0, "time of an event: it lies before 1970, write seconds since 1970 UTC")
            done.append(values)
        except UserError as error:
            problems.extend(error.problems)
    if problems:
        raise UserError(*problems)
    return pl.DataFrame(done)


def _values(contents: Contents, name: str, form: Form, coded: Collection[str]) -> pl.Series:
    return keys.read(contents, name, form) if name in coded else contents.column(name)


def _refuse_missing(contents: Contents, names: list[str]) -> None:
    there = contents.columns
    problems = []
    for name in names:
        if name not in there:
            near = difflib.get_close_matches(name, there, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            if len(there) == 1:
                hint = "; is it written with another separator?"
            elif not set(names) & set(there) and not near:
                hint = "; does the first line hold the column names?" if contents.line_of else ""
            has = ", ".join(repr(column) for column in there) or "no columns"
            problems.append(f"{contents.name}: there is no column {name!r}; it has {has}{hint}")
    if problems:
        raise UserError(*problems)


def _refuse_other_columns(part: Contents, first: Contents) -> None:
    mine, others = part.columns, first.columns
    for kind, names in (("lacks", set(others) - set(mine)), ("has", set(mine) - set(others))):
        if names:
            raise UserError(
                f"{part.name}: {kind} the column {min(names)!r}, unlike {first.name}; files that belong "
                "together have the same columns"
            )


def _refuse_twice(keys: pl.Series, parts: Sequence[Contents]) -> None:
    again = ~keys.is_first_distinct()
    if again.any():
        row = again.arg_max() or 0
        raise UserError(
            f"{where(parts, row)}, column {keys.name!r}: {keys[row]!r} stands twice; "
            "every row needs an id of its own"
        )

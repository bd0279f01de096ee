"""Files in which a line is a user and the items that she took up: `user item item …`."""

from pathlib import Path

import polars as pl

from recsys.ops.finding import require
from recsys.ops.indexing import index_entities
from recsys.ops.splits import TEST, TRAIN
from recsys.types import Columns, Events, UserError

COLUMNS = Columns(user={"user_id": "id"}, item={"item_id": "id"})


def read_parts(train: Path, test: Path) -> Events:
    """Both files as one log, `part` telling which; users and items in the order of their numbers.

    Raises:
        UserError: a file cannot be read; names the file and the line.
    """
    marks = ((train, TRAIN), (test, TEST))
    logs = [read_lists(file).with_columns(pl.lit(mark, pl.Int8).alias("part")) for file, mark in marks]
    log = pl.concat(logs)
    users, items = (log.select(pl.col(key).unique().sort()) for key in ("user_id", "item_id"))
    return index_entities(log, users, items, COLUMNS, impressions=False, parted=True)


def read_lists(file: Path) -> pl.DataFrame:
    """`user_id` and `item_id`, Int64, a row an item, in the file's order.

    Raises:
        UserError: the file is missing or has no items, a word is no whole number, or a user has two lines;
            names the file and the line.
    """
    require(file)
    text = file.read_text(encoding="utf-8", errors="replace").split("\n")
    lines = pl.DataFrame({"word": text}).with_row_index("line", 1)
    words = lines.with_columns(pl.col("word").str.extract_all(r"\S+")).filter(pl.col("word").list.len() > 0)
    _refuse_words(file, words.explode("word"))
    numbers = words.with_columns(pl.col("word").list.eval(pl.element().cast(pl.Int64)))
    users = numbers.select("line", pl.col("word").list.first().alias("user_id"))
    _refuse_users(file, users)
    items = pl.col("word").list.slice(1).alias("item_id")
    rows = numbers.select(users["user_id"], items).explode("item_id").drop_nulls()
    if not len(rows):
        raise UserError(
            f"{file}: the file has no items; a line is a user and her items, numbers with blanks between"
        )
    return rows


def _refuse_words(file: Path, words: pl.DataFrame) -> None:
    bad = words.filter(~pl.col("word").str.contains(r"^\d{1,18}$"))
    if len(bad):
        line, word = bad.row(0)
        raise UserError(
            f"{file}: line {line}: {word!r} is no number of a user or an item; a line is a user and her items, "
            "whole numbers with blanks between"
        )


def _refuse_users(file: Path, users: pl.DataFrame) -> None:
    again = users.filter(~pl.col("user_id").is_first_distinct())
    if len(again):
        line, user = again.row(0)
        raise UserError(f"{file}: line {line}: user {user} has a line already; write her items into one")

"""Moments written as text."""

import polars as pl

ISO = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
"""ISO 8601: a date, or a date and a time; fractions of a second are left out, no offset means UTC."""


def seconds_of(text: pl.Series, form: str | None = None) -> pl.Series:
    """Seconds since 1970 UTC, Int64; missing where the text is not of the form.

    Args:
        form: of a date, as in strptime; None takes ISO 8601.
    """
    frame = text.alias("text").to_frame()
    moment = pl.col("text").str.strip_chars()
    seconds = _iso(moment) if form is None else moment.str.to_date(form, strict=False).dt.epoch("s")
    return frame.select(seconds.cast(pl.Int64).alias(text.name)).to_series()


def _iso(moment: pl.Expr) -> pl.Expr:
    part = [moment.str.extract(ISO, group) for group in range(1, 5)]
    clock = pl.concat_str(part[0], part[1].fill_null("00:00"), part[2].fill_null(":00"), separator=" ")
    local = clock.str.to_datetime("%Y-%m-%d %H:%M :%S", strict=False, time_unit="us").dt.epoch("s")
    return local - _offset(part[3])


def _offset(zone: pl.Expr) -> pl.Expr:
    """Seconds that a clock of the zone is ahead of UTC."""
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = zone.str.slice(-2).cast(pl.Int64, strict=False).fill_null(0)
    return sign * (hours * 3600 + minutes * 60)

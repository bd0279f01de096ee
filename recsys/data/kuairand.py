"""KuaiRand: short videos with several kinds of feedback."""

from typing import ClassVar, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.casting import Form
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.local import locate
from recsys.types import Columns, ColumnType, Events

NAME, FILES = "kuairand", ("processed_standard_kcore_15.tsv",)
ORIGIN = "https://kuairand.com (the standard log, 15-core, rows with a like or a hate)"
FLAGS = {
    "is_click": "click",
    "is_follow": "follow",
    "is_comment": "comment",
    "is_forward": "forward",
    "long_view": "long_view",
    "is_profile_enter": "profile_enter",
}
SPANS = {"play_time_ms": "play_seconds", "comment_stay_time": "comment_seconds"}


@final
class KuaiRand(Source):
    """41,828 videos shown, to 664 users of 9,359 videos, with eight kinds of reaction and the seconds played.

    Gao et al. 2022, "KuaiRand: An Unbiased Sequential Recommendation Dataset with Randomly Exposed Videos":
    its standard log of 8 to 21 April 2022, of which rows were kept where like or hate was given, and users and
    videos with 15 rows. So the chosen rows say nothing of how often a video is liked, and `like` and `hate`
    exclude each other: `like` is the file's `label`. The random log is not part of it, so nothing here was
    shown at random. Read from `kuairand/` in the data home, where the file has to be put. `duration_seconds`
    of the video is 0 where the publisher has none; `play_seconds` may exceed it, since videos repeat.
    """

    impressions: ClassVar[bool] = True

    @property
    def columns(self) -> Columns:
        """What the file holds; `date`, `hourmin` and `timestamp` say again what `time_ms` says."""
        flags: dict[str, ColumnType] = dict.fromkeys(("like", "hate", *FLAGS.values()), "flag")
        spans: dict[str, ColumnType] = dict.fromkeys(SPANS.values(), "number")
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id", "duration_seconds": "number"},
            context={"timestamp": "time"},
            feedback={**flags, **spans},
        )

    def fingerprint(self) -> str:
        """Of the file."""
        return f"{NAME} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the file."""
        file = locate(NAME, FILES, ORIGIN) / FILES[0]
        flags: dict[str, ColumnType] = dict.fromkeys(("label", *FLAGS), "flag")
        spans: dict[str, ColumnType] = dict.fromkeys(("duration_ms", *SPANS), "number")
        raw = read_frame(
            [file],
            Dialect("\t", quoted=False),
            {"user_id": "id", "video_id": "id", "time_ms": "time", **flags, **spans},
            event_time="time_ms",
            form=Form(time_unit="milliseconds"),
        )
        log = raw.select(
            "user_id",
            pl.col("video_id").alias("item_id"),
            pl.col("time_ms").alias("timestamp"),
            pl.col("label").alias("like"),
            (~pl.col("label")).alias("hate"),
            *(pl.col(name).alias(ours) for name, ours in FLAGS.items()),
            *((pl.col(name) / 1000).alias(ours) for name, ours in SPANS.items()),
        )
        duration = (pl.col("duration_ms").first() / 1000).alias("duration_seconds")
        videos = raw.group_by(pl.col("video_id").alias("item_id"), maintain_order=True).agg(duration)
        return index_entities(log, None, videos, self.columns, impressions=self.impressions)

"""The Open Bandit Dataset: fashion items shown by two policies."""

from pathlib import Path
from typing import ClassVar, Literal, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.local import locate
from recsys.types import Columns, ColumnType, Events

NAME, ORIGIN = "open_bandit", "https://research.zozo.com/data.html"
ITEMS = {"all": 80, "men": 34, "women": 46}
PROFILE = tuple(f"user_feature_{place}" for place in range(4))
FEATURES: dict[str, ColumnType] = {
    "item_feature_0": "number",
    "item_feature_1": "category",
    "item_feature_2": "category",
    "item_feature_3": "category",
}


@final
class OpenBandit(Source):
    """Impressions of fashion items with the policy's propensities: in the small version 10,000 a file.

    Saito, Aihara, Matsutani and Narita 2021, "Open Bandit Dataset and Pipeline: Towards Realistic and
    Reproducible Off-Policy Evaluation" (Zozotown, 24 to 30 November 2019; 34 items of the men's campaign, 46 of
    the women's). Read from `open_bandit/<policy>/<campaign>/` in the data home, where the publisher's files
    have to be put.

    Nobody is identified: a `user` is a profile, a combination of the four hashed user features (270 or fewer a
    campaign), shared by many people. `affinity_<item>` is what this person had clicked of the item before,
    known when the page is asked for. `propensity` is the probability that the policy showed the item at the
    position. The publisher hashes item features otherwise for each policy; with both the random policy's
    hashes are taken.

    Args:
        policy: `random` (every item as likely as another), `bts` (Bernoulli Thompson sampling), or `both`:
            first the rows of bts, then those of random, told apart by `random_exposure`, for `split=unbiased`.
        campaign: which items were shown; the small version has no `all`.
    """

    impressions: ClassVar[bool] = True

    def __init__(
        self,
        *,
        policy: Literal["random", "bts", "both"] = "both",
        campaign: Literal["all", "men", "women"] = "men",
    ) -> None:
        self.campaign = campaign
        self.policies = ("bts", "random") if policy == "both" else (policy,)

    @property
    def columns(self) -> Columns:
        """What the files hold; `random_exposure` where both policies are read."""
        both: dict[str, ColumnType] = {"random_exposure": "flag"} if len(self.policies) > 1 else {}
        affinity: dict[str, ColumnType] = dict.fromkeys(self._affinities().values(), "number")
        return Columns(
            user={"user_id": "id", **dict.fromkeys(PROFILE, "category")},
            item={"item_id": "id", **FEATURES},
            context={"timestamp": "time", "position": "number", **affinity},
            feedback={"click": "flag", "propensity": "number", **both},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        files = self._files()
        return f"{NAME} {download.fingerprint(locate(NAME, files, ORIGIN), files)}"

    def load(self) -> Events:
        """Read the files."""
        folder = locate(NAME, self._files(), ORIGIN)
        rows = pl.concat([self._impressions(folder, policy) for policy in self.policies])
        profile = pl.concat_str(PROFILE, separator="/").alias("user_id")
        log = rows.with_columns(profile)
        columns = self.columns
        users = log.select(*columns.user).unique("user_id", keep="first", maintain_order=True)
        items = read_frame(
            [folder / self.policies[-1] / self.campaign / "item_context.csv"],
            Dialect(),
            columns.item,
            key="item_id",
        )
        kept = log.select("user_id", "item_id", *columns.context, *columns.feedback)
        return index_entities(kept, users, items, columns, impressions=self.impressions)

    def _files(self) -> list[str]:
        names = (f"{self.campaign}.csv", "item_context.csv")
        return [f"{policy}/{self.campaign}/{name}" for policy in self.policies for name in names]

    def _affinities(self) -> dict[str, str]:
        """Our names by the publisher's."""
        return {f"user-item_affinity_{item}": f"affinity_{item}" for item in range(ITEMS[self.campaign])}

    def _impressions(self, folder: Path, policy: str) -> pl.DataFrame:
        affinities = self._affinities()
        types: dict[str, ColumnType] = {
            "timestamp": "time",
            "item_id": "id",
            "position": "number",
            "click": "flag",
            "propensity_score": "number",
            **dict.fromkeys(PROFILE, "category"),
            **dict.fromkeys(affinities, "number"),
        }
        file = folder / policy / self.campaign / f"{self.campaign}.csv"
        raw = read_frame([file], Dialect(), types, event_time="timestamp")
        named = raw.rename({"propensity_score": "propensity", **affinities})
        return named.with_columns(random_exposure=pl.lit(policy == "random"))

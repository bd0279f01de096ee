"""Frappe: use of apps in context."""

from typing import final

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, ColumnType, Events

FILE = "frappe.csv"
FOLDER = ByHand("frappe", (FILE,), "the data set of Baltrunas et al. 2015, arxiv.org/abs/1505.03014")
CONTEXT: dict[str, ColumnType] = {
    "daytime": "category",
    "weekday": "category",
    "isweekend": "category",
    "homework": "category",
    "weather": "category",
    "country": "category",
    "city": "category",
}


@final
class Frappe(Source):
    """How often 757 users used 2,009 apps in a context, 17,421 rows, each user, app and context once.

    Baltrunas, Church, Karatzoglou and Oliver 2015, "Frappe: Understanding the Usage and Perception of Mobile
    App Recommendations In-The-Wild". Read from `frappe/` in the data home; the publisher's own file is larger
    (96,203 rows). `unknown`, and the city 0, are values as they are published. There is no time.
    """

    @property
    def columns(self) -> Columns:
        """What the file holds; `cost`, free or paid, is the app's: as a query's it would tell the answer."""
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id", "cost": "category"},
            context=dict(CONTEXT),
            feedback={"count": "number"},
        )

    def fingerprint(self) -> str:
        """Of the file."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read the file; an app's cost is that of its first row."""
        types: dict[str, ColumnType] = {
            "user": "id",
            "item": "id",
            "cnt": "number",
            "cost": "category",
            **CONTEXT,
        }
        raw = read_frame([FOLDER.path() / FILE], Dialect(), types)
        log = raw.rename({"user": "user_id", "item": "item_id", "cnt": "count"})
        apps = log.select("item_id", "cost").unique("item_id", keep="first", maintain_order=True)
        return index_entities(log.drop("cost"), None, apps, self.columns, impressions=False)

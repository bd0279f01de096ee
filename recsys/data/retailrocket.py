"""Retail Rocket: views, carts and purchases of a shop."""

from pathlib import Path
from typing import final

import polars as pl

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, Events

EVENTS = {
    "view_ecommerce.dat": "view",
    "add_to_cart_ecommerce.dat": "cart",
    "purchase_ecommerce.dat": "purchase",
}
FOLDER = ByHand(
    "retailrocket", tuple(EVENTS), "made by Arthur Fortes of kaggle.com/retailrocket/ecommerce-dataset"
)


@final
class RetailRocket(Source):
    """78,371 views, 9,028 additions to the cart and 5,088 purchases, by 3,431 users of 8,885 items.

    Published by Retail Rocket; thinned out and written into a file an event type by Arthur Fortes, who left out
    the time. Read from `retailrocket/` in the data home. The log has the views first, then the carts, then the
    purchases: its order tells nothing, and a pair that was viewed, put into the cart and bought has three rows.
    """

    @property
    def columns(self) -> Columns:
        """What the files hold; `event` is `view`, `cart` or `purchase`."""
        return Columns(user={"user_id": "id"}, item={"item_id": "id"}, feedback={"event": "category"})

    def fingerprint(self) -> str:
        """Of the files."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read the three files."""
        folder = FOLDER.path()
        log = pl.concat(
            [_events(folder / file, event) for file, event in EVENTS.items()], how="vertical_relaxed"
        )
        return index_entities(log, None, None, self.columns, impressions=False)


def _events(file: Path, event: str) -> pl.DataFrame:
    pairs = read_frame([file], Dialect("\t", quoted=False), {"visitorid": "id", "itemid": "id"})
    return pairs.select(user_id="visitorid", item_id="itemid", event=pl.lit(event))

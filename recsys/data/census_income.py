"""Census-Income (KDD): two tasks on one person a row."""

from pathlib import Path
from typing import ClassVar, Literal, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.local import locate
from recsys.types import Columns, ColumnType, Events, UserError

NAME, ORIGIN = "census-income", "https://archive.ics.uci.edu/dataset/117/census+income+kdd"
NUMBERS = (
    "age",
    "wage_per_hour",
    "capital_gains",
    "capital_losses",
    "dividends",
    "employer_size",
    "weeks_worked",
)
NAMES = (
    "age",
    "class_of_worker",
    "industry_code",
    "occupation_code",
    "education",
    "wage_per_hour",
    "enrolled",
    "marital_status",
    "industry",
    "occupation",
    "race",
    "hispanic_origin",
    "sex",
    "union_member",
    "unemployment_reason",
    "employment",
    "capital_gains",
    "capital_losses",
    "dividends",
    "tax_filer",
    "previous_region",
    "previous_state",
    "household",
    "household_summary",
    "weight",
    "migration_msa",
    "migration_region",
    "migration_within_region",
    "same_house",
    "migration_sunbelt",
    "employer_size",
    "parents_present",
    "father_birth",
    "mother_birth",
    "self_birth",
    "citizenship",
    "own_business",
    "veteran_form",
    "veteran_benefits",
    "weeks_worked",
    "year",
    "income",
)
"""The publisher's order."""
TASKS = ("marital_status", "weight", "income")
ABOVE, BELOW = "50000+.", "- 50000."


@final
class CensusIncome(Source):
    """Persons of the US census of 1994 and 1995, for two tasks: 199,523 in train, 99,762 in test; no time.

    UCI Census-Income (KDD), Lane and Kohavi 2000; the two tasks as in Ma et al. 2018, "Modeling Task
    Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts". Read from `census-income/` in the
    data home, where the publisher's file has to be put.

    There is nothing to recommend here. Each person is a user of her own, with one row, what is known of her are
    the user's columns, and the one item `survey` stands for the question: so rankings mean nothing, row metrics
    do, and ids teach nothing (its YAML leaves them out). `income` is above 50,000 dollars, `never_married` is
    of `marital_status`; `weight` is how many people the survey's person stands for. `?` is a missing value.
    `tax_filer`, `household` and `household_summary` give much of the marital status away, as in the paper.

    Args:
        file: of the publisher's two, `census-income.data.gz` (train) or `census-income.test.gz`.
    """

    impressions: ClassVar[bool] = True

    def __init__(self, *, file: Literal["train", "test"] = "test") -> None:
        self.files = (f"census-income.{'data' if file == 'train' else file}.gz",)

    @property
    def columns(self) -> Columns:
        """What the file holds."""
        known: dict[str, ColumnType] = {
            name: "number" if name in NUMBERS else "category" for name in NAMES if name not in TASKS
        }
        return Columns(
            user={"user_id": "id", **known},
            item={"item_id": "id"},
            feedback={
                "income": "flag",
                "never_married": "flag",
                "marital_status": "category",
                "weight": "number",
            },
        )

    def fingerprint(self) -> str:
        """Of the file."""
        return f"{NAME} {download.fingerprint(locate(NAME, self.files, ORIGIN), self.files)}"

    def load(self) -> Events:
        """Read the file."""
        file = locate(NAME, self.files, ORIGIN) / self.files[0]
        columns, rows = self.columns, _persons(file)
        log = rows.select("user_id", pl.lit("survey").alias("item_id"), *columns.feedback)
        return index_entities(log, rows.select(*columns.user), None, columns, impressions=self.impressions)


def _persons(file: Path) -> pl.DataFrame:
    """One row a person."""
    types: dict[str, ColumnType] = {
        name: "number" if name in (*NUMBERS, "weight") else "category" for name in NAMES
    }
    raw = read_frame([file], Dialect(", ", NAMES, quoted=False), types)
    income = raw["income"].str.strip_chars()
    strange = ~income.is_in([ABOVE, BELOW])
    if strange.any():
        row = strange.arg_max() or 0
        raise UserError(
            f"{file}: row {row + 1}, column 'income': {income[row]!r} is neither {ABOVE!r} nor {BELOW!r}"
        )
    text = pl.col(pl.String).str.strip_chars()
    return raw.select(pl.when(text != "?").then(text), pl.col(pl.Float64)).with_columns(
        user_id=pl.int_range(1, pl.len() + 1),
        income=income == ABOVE,
        never_married=pl.col("marital_status") == "Never married",
    )

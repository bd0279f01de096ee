"""The nouns that travel between the stages. Frozen, without behaviour; each says who makes it."""

from recsys.types.arguments import Fraction, NonNegative, NonNegativeInt, Positive, PositiveInt
from recsys.types.encoded import Csr, Encoded, HoldoutRows, Queries, Rows, TrainRows
from recsys.types.errors import UserError
from recsys.types.events import Columns, ColumnType, Events, Holdout, Split, Train
from recsys.types.measurement import Measurement, Monitor
from recsys.types.need import CAPABILITIES, Need
from recsys.types.ranking import Predictions, Ranking
from recsys.types.schema import Field, Schema, Side
from recsys.types.slate import Slate
from recsys.types.statistics import Counts, Graph

__all__ = [
    "CAPABILITIES",
    "ColumnType",
    "Columns",
    "Counts",
    "Csr",
    "Encoded",
    "Events",
    "Field",
    "Fraction",
    "Graph",
    "Holdout",
    "HoldoutRows",
    "Measurement",
    "Monitor",
    "Need",
    "NonNegative",
    "NonNegativeInt",
    "Positive",
    "PositiveInt",
    "Predictions",
    "Queries",
    "Ranking",
    "Rows",
    "Schema",
    "Side",
    "Slate",
    "Split",
    "Train",
    "TrainRows",
    "UserError",
]

"""The nouns that travel between the stages. Frozen, without behaviour; each says who makes it."""

from recsys.types.arguments import Fraction, NonNegative, NonNegativeInt, Positive, PositiveInt, Seed, Share
from recsys.types.audit import Audit, Finding, Promise
from recsys.types.csr import Csr
from recsys.types.encoded import Encoded, HoldoutRows, Queries, Rows, TrainRows
from recsys.types.errors import UserError
from recsys.types.events import (
    CLOSES,
    TASK,
    WEIGHT,
    Columns,
    ColumnType,
    Events,
    Holdout,
    Split,
    Train,
)
from recsys.types.facts import Attribute, Facts, Groups
from recsys.types.history import Answer, History
from recsys.types.measurement import Measurement, Monitor, Observed, Slice
from recsys.types.need import CAPABILITIES, Need
from recsys.types.protocol import Candidates, Protocol
from recsys.types.ranking import Grades, Placement, Predictions, Ranking, Shown
from recsys.types.schema import Field, Schema, Side, Task
from recsys.types.scorer import Scorer
from recsys.types.slate import Slate
from recsys.types.statistics import Counts, Graph

__all__ = [
    "CAPABILITIES",
    "CLOSES",
    "TASK",
    "WEIGHT",
    "Answer",
    "Attribute",
    "Audit",
    "Candidates",
    "ColumnType",
    "Columns",
    "Counts",
    "Csr",
    "Encoded",
    "Events",
    "Facts",
    "Field",
    "Finding",
    "Fraction",
    "Grades",
    "Graph",
    "Groups",
    "History",
    "Holdout",
    "HoldoutRows",
    "Measurement",
    "Monitor",
    "Need",
    "NonNegative",
    "NonNegativeInt",
    "Observed",
    "Placement",
    "Positive",
    "PositiveInt",
    "Predictions",
    "Promise",
    "Protocol",
    "Queries",
    "Ranking",
    "Rows",
    "Schema",
    "Scorer",
    "Seed",
    "Share",
    "Shown",
    "Side",
    "Slate",
    "Slice",
    "Split",
    "Task",
    "Train",
    "TrainRows",
    "UserError",
]

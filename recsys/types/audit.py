"""What an audit finds: how far the held-out part could be known from what is learnt from."""

from dataclasses import dataclass
from typing import Literal

Promise = Literal["time", "user_time", "new_users", "new_items"]
"""What a split can promise.

`time`: every row of train is before every row of valid, and that before every row of test. `user_time`: so it
is with each user's rows, those of one second aside. `new_users`, `new_items`: no user (item) is in two parts.
"""

Severity = Literal["leak", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for. Made by `ops.auditing` and `recsys.audit`.

    Attributes:
        name: of what was looked for (`train_after_cutoff`).
        count: how often it was found; 0 where it was not.
        share: the count as a share of what was looked at; the sentence says of what.
        severity: `leak` where the held-out part could be known from train; always `note` where count is 0.
        broken: a promise was broken that the split or the component had made, so that no run can be believed.
        sentence: for a person.
    """

    name: str
    count: int
    share: float
    severity: Severity
    sentence: str
    broken: bool = False


@dataclass(frozen=True)
class Audit:
    """All that was looked for in one split. Made by `recsys.audit`."""

    findings: tuple[Finding, ...]

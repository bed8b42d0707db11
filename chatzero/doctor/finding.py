"""What a check found: the five columns of the doctor's table."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`warn`: ChatZero runs, though not as well as it could. `fail`: it does not run, or not rightly.

    `mend` is the command (or the act, where there is no command) that mends it; empty when there is nothing to mend.
    """

    name: str
    found: str
    wanted: str
    verdict: Verdict
    mend: str = ""

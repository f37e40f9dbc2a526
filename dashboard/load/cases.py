"""Cases of two dates: whether each was answered in time, from when it came and was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.load.dates import read_dates
from dashboard.load.working_days import due_by

# Between the texts of the two dates of one case.
BETWEEN = "\x1f"

# What keeps a case from being counted, with what was expected and why the row is set aside.
WRONG = {
    "start": ("the date the case came", "the first date is missing or no date"),
    "end": ("a date, or nothing while the case is open", "the second date is not a date"),
    "before": ("an answer on or after the day the case came", "answered before it came"),
    "year": ("a year from 2003 to 2030", "the bank holidays of that year are not known"),
}

# Why an open case is no row of data.
OPEN = "open case: not answered, and not known to be overdue"


@dataclass(frozen=True)
class Days:
    """In time is an answer within so many days of receipt, the day after being the first.

    working: only working days of England count. as_of: the date on which the cases stand, so that
    those unanswered and due before it count as missed; without it, open cases are not counted.
    form: how the dates are written, as `read_dates` takes it.
    """

    start: str
    end: str
    within: int
    working: bool = False
    as_of: date | None = None
    form: str = "any"


def judge(texts: Iterable[str], days: Days) -> list[tuple[str, int | None, str | None]]:
    """For each pair of texts 1 (in time), 0 (missed) or None, and what is wrong with it, if so.

    None without a wrong is an open case of which it is not known that it was missed. Raises
    AmbiguousDates where the dates can be read in two orders.
    """
    pairs = {text: text.partition(BETWEEN)[::2] for text in texts}
    said = {one.strip() for pair in pairs.values() for one in pair if one.strip()}
    dates: dict[str, date | None] = read_dates(said, days.form)
    return [(text, *_outcome(*(p.strip() for p in pairs[text]), dates, days)) for text in pairs]


def _outcome(
    start: str, end: str, dates: dict[str, date | None], days: Days
) -> tuple[int | None, str | None]:
    received, answered = dates.get(start), dates.get(end)
    if received is None:
        return None, "start"
    if end and answered is None:
        return None, "end"
    if answered and answered < received:
        return None, "before"
    try:
        due = (
            due_by(received, days.within)
            if days.working
            else received + timedelta(days=days.within)
        )
    except ValueError:
        return None, "year"
    if answered:
        return int(answered <= due), None
    return (0 if days.as_of and days.as_of > due else None), None

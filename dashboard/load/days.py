"""Days and times that fall into one month: what a column of periods said beyond the month.

A figure is kept by month, so that the days of a month are rows of one key. They are no rows that
contradict each other: they want adding up, which the contract's `gather` does.
"""

import re
from collections.abc import Iterable

from dashboard.load.contract import Field
from dashboard.load.dates import read_dates
from dashboard.load.sql import name_sql

_TIME = re.compile(r"\d\d?:\d\d(?::\d\d)?(?:\s*[ap]m)?", re.IGNORECASE)
_MIDNIGHT = re.compile(r"0?0:00(?::00)?")


def column_of(period: str) -> str:
    """The column beside a period that holds the day it was written as, and the time of day."""
    return f"{period}_at"


def read_days(texts: Iterable[str], f: Field) -> dict[str, str | None]:
    """The day, and the time if there is one, of each text of a period that is a full date.

    To be called once the periods were read, so that no text is ambiguous.
    """
    bodies = {text: _without_note(text, f) for text in texts}
    days = read_dates(bodies.values(), f.period.dates)
    return {text: _at(body, days[body]) for text, body in bodies.items()}


def _without_note(text: str, f: Field) -> str:
    body = text.strip()
    for note, _ in f.period.notes:
        if body.lower().endswith(note.lower()):
            return body[: -len(note)].strip()
    return body


def _at(text: str, day: object) -> str | None:
    if day is None:
        return None
    time = _TIME.search(text)
    return f"{day} {time[0]}" if time and not _MIDNIGHT.fullmatch(time[0]) else f"{day}"


def differ_sql(period: str, by: str) -> str:
    """SQL that is true of rows of one key (`by`) whose days differ, so that they are no repeats.

    The first and the last of a month, each in a file of its own, both stand for the month.
    """
    at, start, end = (name_sql(n) for n in (column_of(period), f"{period}_start", f"{period}_end"))
    of_key = f"over (partition by {by})"
    is_end = f"{at} in ({start}::varchar, last_day({end})::varchar)"
    return (
        f"coalesce(min({at}) {of_key} != max({at}) {of_key} and not (bool_and({is_end}) {of_key} "
        f"and count(*) over (partition by {by}, file_id) = 1), false)"
    )


def one_day_sql(period: str, by: str) -> str:
    """SQL that is true of rows of one key that are of one day."""
    at = f"left({name_sql(column_of(period))}, 10)"
    return (
        f"coalesce(min({at}) over (partition by {by}) = max({at}) over (partition by {by}), false)"
    )


def reason_sql(feed: str, period: str) -> str:
    """SQL for why rows (`t`) of one key whose days differ were set aside, by what adds up."""
    month = f"strftime(t.{name_sql(f'{period}_start')}, '%B %Y')"
    several = (
        "case when w.is_one_day then 'several times of one day' else 'several days' end || "
        f"' fall into ' || {month} || ', for which one figure is kept; '"
    )
    gathers = "the contract''s ''gather'' adds them up"
    if feed == "performance":
        return (
            f"{several} || case when t.numerator is not null then '{gathers}' "
            "when exists (from staging.measures as m where m.measure_id = t.measure_id "
            "and m.unit in ('%', 'share')) then 'shares cannot be added up: give numerator and "
            "denominator, and the contract''s ''gather'' adds those up' "
            f"else '{gathers}, or, where they are shares, their numerator and denominator' end"
        )
    if feed == "volumes":
        return (
            f"{several} || case when t.kind in ('level', 'headcount') then 'a ' || t.kind || "
            f"' cannot be added up: give one figure a month' else '{gathers}' end"
        )
    return f"{several} || '{gathers}'"

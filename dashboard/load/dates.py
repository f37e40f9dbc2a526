"""Dates as councils write them: day before month, unless the column itself shows otherwise."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_NAMES = "january february march april may june july august september october november december"
MONTHS = {name: i for i, name in enumerate(_NAMES.split(), 1)}
MONTHS |= {name[:3]: i for name, i in list(MONTHS.items())} | {"sept": 9}

# Years beyond these in an export of today's services are slips of the keyboard (0201, 2108).
_YEARS = range(1900, 2100)

_TIME = (
    r"(?:[T\s]+(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\s*(?:[ap]m)?"
    r"(?:Z|[+-]\d\d:?\d\d)?)?"
)
_ISO = re.compile(rf"(?P<y>\d{{4}})(?P<mark>[-/.])(?P<m>\d\d?)(?P=mark)(?P<d>\d\d?){_TIME}", re.I)
_NUMBERS = re.compile(
    rf"(?P<a>\d\d?)(?P<mark>[-/. ])(?P<b>\d\d?)(?P=mark)(?P<y>\d{{4}}|\d\d){_TIME}", re.I
)
_WORDS = re.compile(
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<d>\d\d?)(?:st|nd|rd|th)?[\s/.-]*(?P<m>[a-z]{{3,9}})\.?"
    rf"[\s/.,-]*(?P<y>\d{{4}}|'?\d\d){_TIME}",
    re.I,
)
_AMERICAN = re.compile(
    rf"(?P<m>[a-z]{{3,9}})\.?\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}", re.I
)
_DIGITS = re.compile(r"\d{8}")

# The declared formats that are no strptime pattern.
ANY, DEFAULT, EXCEL = "any", "default", "excel"

# Excel counts days from here (its own leap-year slip of 1900 included).
_EXCEL_ZERO = date(1899, 12, 30)


class AmbiguousDates(ValueError):
    """A column that holds dates in both orders, with an example of each."""


@dataclass(frozen=True)
class _Readings:
    """The two readings of one text: day first, month first. Most texts have one, or both alike."""

    day_first: date | None
    month_first: date | None


def read_dates(texts: Iterable[str], form: str = ANY) -> dict[str, date | None]:
    """What each distinct text of one column means; None where it is no date.

    `form`: `default` is ISO 8601 alone; `any` is every form that UK councils use, day before
    month unless the column holds a date that can only be month first and none that can only be
    day first; `excel` is a day number; anything else a strptime pattern. Raises AmbiguousDates
    where the column holds both kinds.
    """
    if form == ANY:
        return _in_uk_order(list(texts))
    reader = {DEFAULT: _iso, EXCEL: excel_day}.get(form) or (lambda text: _strptime(text, form))
    return {text: reader(text) for text in texts}


def excel_day(text: str) -> date | None:
    """The date of an Excel day number (43191 is 1 April 2018); None outside 1990 to 2060."""
    if not re.fullmatch(r"[345]\d{4}(?:\.\d+)?", text):
        return None
    return _EXCEL_ZERO + timedelta(days=int(float(text)))


def in_words(day: date) -> str:
    """A date as it is said: "4 May 2017"."""
    return f"{day.day} {day:%B %Y}"


def _in_uk_order(texts: list[str]) -> dict[str, date | None]:
    readings = {text: _readings(text) for text in texts}
    only_day = next((t for t, r in readings.items() if r.day_first and not r.month_first), None)
    only_month = next((t for t, r in readings.items() if r.month_first and not r.day_first), None)
    if only_day and only_month:
        raise AmbiguousDates(
            f"'{only_day}' has the day first and '{only_month}' the month first, so a date such "
            f"as '04/05/2017' can be read as {in_words(date(2017, 5, 4))} or as "
            f"{in_words(date(2017, 4, 5))}; say which in the contract: "
            '"format": "%d/%m/%Y" or "%m/%d/%Y"'
        )
    return {t: r.month_first if only_month else r.day_first for t, r in readings.items()}


def _readings(text: str) -> _Readings:
    text = text.strip()
    if found := _NUMBERS.fullmatch(text):
        year = _year(found["y"])
        first, second = int(found["a"]), int(found["b"])
        return _Readings(_valid(year, second, first), _valid(year, first, second))
    one = _plain(text)
    return _Readings(one, one)


def _plain(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        return _valid(int(found["y"]), int(found["m"]), int(found["d"]))
    for form in (_WORDS, _AMERICAN):
        if (found := form.fullmatch(text)) and (month := MONTHS.get(found["m"].lower())):
            return _valid(_year(found["y"].lstrip("'")), month, int(found["d"]))
    if _DIGITS.fullmatch(text):
        year_first = _valid(int(text[:4]), int(text[4:6]), int(text[6:]))
        year_last = _valid(int(text[4:]), int(text[2:4]), int(text[:2]))
        return year_first or year_last
    return None


def _iso(text: str) -> date | None:
    found = re.fullmatch(rf"(\d{{4}})-(\d\d)-(\d\d){_TIME}", text)
    return _valid(int(found[1]), int(found[2]), int(found[3])) if found else None


def _strptime(text: str, form: str) -> date | None:
    try:
        day = datetime.strptime(text, form).date()
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _year(text: str) -> int:
    # Two digits: POSIX's rule, 69 to 99 are the last century.
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= 69 else 2000)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None

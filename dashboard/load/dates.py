"""Dates as councils write them: day before month, unless the column itself shows otherwise."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_NAMES = "january february march april may june july august september october november december"
MONTHS = {name: i for i, name in enumerate(_NAMES.split(), 1)}
MONTHS |= {name[:3]: i for name, i in list(MONTHS.items())} | {"sept": 9}

# Years beyond these in an export of today's services are slips of the keyboard (0201, 2108).
_YEARS = range(1900, 2100)

# The day of a moment is that of the United Kingdom, whose services these are.
_UK = ZoneInfo("Europe/London")

_ZONE = (
    r"(?P<zone>Z|(?:UTC|GMT|BST)?[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?(?:\s*(?:UTC|GMT|BST))?"
    r"|UTC|GMT|BST)"
)
_TIME = (
    r"(?:[T\s]+(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
    rf"\s*(?P<half>[ap]m)?(?:\s*{_ZONE})?)?"
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
_STRICT_ISO = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_TIME}", re.I)
_MOMENT = re.compile(rf":[0-5]\d(?:[.,]\d+)?\s*(?:[ap]m)?\s*{_ZONE}(?![\w:])", re.I)

# The declared formats that are no strptime pattern.
ANY, DEFAULT, EXCEL = "any", "default", "excel"

# Excel counts days from here (its own leap-year slip of 1900 included).
_EXCEL_ZERO = date(1899, 12, 30)


# How spreadsheets and systems write a date that was blank: the day that they count from.
NOUGHTS = (date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1))
_NEAR_NOUGHT = timedelta(days=400)


# One date among so many that can be either is no proof: of dates written month first, every other
# one has its day beyond the twelfth.
_EITHER_AT_LEAST = 8


class AmbiguousDates(ValueError):
    """A column whose order of day and month can't be told, with an example of each."""


@dataclass(frozen=True)
class _Readings:
    """The two readings of one text: day first, month first. Most texts have one, or both alike."""

    day_first: date | None
    month_first: date | None


def read_dates(texts: Iterable[str], form: str = ANY) -> dict[str, date | None]:
    """What each distinct text of one column means; None where it is no date.

    `form`: `default` is ISO 8601 alone; `any` is every form that UK councils use, day before
    month unless the column holds dates that can only be month first and none that can only be
    day first; `excel` is a day number; anything else a strptime pattern. Raises AmbiguousDates
    where the column holds both kinds, or one date that can only be month first among many that can
    be either: a slip would turn all others round.
    """
    if form == ANY:
        return _in_uk_order(list(texts))
    reader = {DEFAULT: _iso, EXCEL: excel_day}.get(form) or _patterned(form)
    return {text: reader(text) for text in texts}


def without_noughts(found: dict[str, date | None]) -> dict[str, date | None]:
    """What texts of one column mean, without days that systems count from; those stay where other
    dates of the column are as old."""
    days = [day for day in found.values() if day and day not in NOUGHTS]
    old = {n for n in NOUGHTS if any(abs(day - n) <= _NEAR_NOUGHT for day in days)}
    return {t: None if day in NOUGHTS and day not in old else day for t, day in found.items()}


def is_moment(text: str) -> bool:
    """True for a time that says its zone (2018-03-31T23:00:00Z), whose day has to be worked out."""
    return bool(_MOMENT.search(text.strip()))


def is_bare_form(form: str) -> bool:
    """True for ISO and for patterns of a date alone, which need no more than its day's digits."""
    return form == DEFAULT or (form not in (ANY, EXCEL) and not _zoned(form).endswith("%z"))


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
    months_first = [t for t, r in readings.items() if r.month_first and not r.day_first]
    only_month = months_first[0] if months_first else None
    if only_day and only_month:
        raise AmbiguousDates(
            f"'{only_day}' has the day first and '{only_month}' the month first, so a date such "
            f"as '04/05/2017' can be read as {in_words(date(2017, 5, 4))} or as "
            f"{in_words(date(2017, 4, 5))}; say which in the contract: "
            '"format": "%d/%m/%Y" or "%m/%d/%Y"'
        )
    either = [
        t
        for t, r in readings.items()
        if r.month_first and r.day_first and r.day_first != r.month_first
    ]
    if len(months_first) == 1 and len(either) >= _EITHER_AT_LEAST:
        raise AmbiguousDates(
            f"'{only_month}' alone has the month first, and the other dates, such as "
            f"'{either[0]}', can be read either way; say which in the contract: "
            '"format": "%d/%m/%Y" or "%m/%d/%Y"'
        )
    return {t: r.month_first if only_month else r.day_first for t, r in readings.items()}


def _readings(text: str) -> _Readings:
    text = text.strip()
    if found := _NUMBERS.fullmatch(text):
        year = _year(found["y"])
        first, second = int(found["a"]), int(found["b"])
        days = _valid(year, second, first), _valid(year, first, second)
        return _Readings(*(_uk_day(day, found) for day in days))
    one = _plain(text)
    return _Readings(one, one)


def _plain(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        return _uk_day(_valid(int(found["y"]), int(found["m"]), int(found["d"])), found)
    for form in (_WORDS, _AMERICAN):
        if (found := form.fullmatch(text)) and (month := MONTHS.get(found["m"].lower())):
            day = _valid(_year(found["y"].lstrip("'")), month, int(found["d"]))
            return _uk_day(day, found)
    if _DIGITS.fullmatch(text):
        year_first = _valid(int(text[:4]), int(text[4:6]), int(text[6:]))
        year_last = _valid(int(text[4:]), int(text[2:4]), int(text[:2]))
        return year_first or year_last
    return None


def _iso(text: str) -> date | None:
    found = _STRICT_ISO.fullmatch(text)
    if not found:
        return None
    return _uk_day(_valid(int(found[1]), int(found[2]), int(found[3])), found)


def _uk_day(day: date | None, found: re.Match[str]) -> date | None:
    """The day in the United Kingdom of a day whose time says its zone; else the day itself."""
    if day is None or not found["zone"]:
        return day
    hour = int(found["hour"])
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    zone = timezone(_offset(found["zone"]))
    second = int(found["second"] or 0)
    moment = datetime(day.year, day.month, day.day, hour, int(found["minute"]), second, tzinfo=zone)
    return moment.astimezone(_UK).date()


def _offset(zone: str) -> timedelta:
    """What a zone's clocks are ahead of UTC: `Z`, `+01:00`, `+0100`, `BST`, `+0000 UTC`."""
    if found := re.search(r"([+-])(\d\d):?(\d\d)?", zone):
        ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return -ahead if found[1] == "-" else ahead
    return timedelta(hours=1 if zone.upper() == "BST" else 0)


def _zoned(form: str) -> str:
    """A strptime pattern that reads a zone as one, which by itself takes a `Z` for a letter."""
    if ":" not in form and "%H" not in form:
        return form
    return re.sub(r"(?:%Z|(?<!%)(?:Z|UTC|GMT|BST|[+-]\d\d:?\d\d))$", "%z", form.strip())


def _patterned(form: str) -> Callable[[str], date | None]:
    """A reader of texts of a strptime pattern."""
    zoned = _zoned(form)

    def read(text: str) -> date | None:
        if zoned.endswith("%z"):
            text = re.sub("(?:UTC|GMT)$", "+0000", re.sub("BST$", "+0100", text))
        try:
            moment = datetime.strptime(text, zoned)
        except ValueError:
            return None
        day = (moment.astimezone(_UK) if moment.tzinfo else moment).date()
        return day if day.year in _YEARS else None

    return read


def _year(text: str) -> int:
    # Two digits: POSIX's rule, 69 to 99 are the last century.
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= 69 else 2000)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None

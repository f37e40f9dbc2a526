"""Periods as councils write them, read into a label, a first month and a last month.

Financial years run April to March, so "2017-18" is April 2017 to March 2018, quarter 1 is April
to June and period 8 is November. Nothing is guessed: a form that is not listed here is not a
period, and where a text could be read in several ways ("2010-11" is November 2010 or a financial
year, "201804" April 2018 or period 4, "Q1 2018" January to March or April to June) the rest of
the column or the contract has to settle it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboard.load.dates import MONTHS, AmbiguousDates, read_dates
from dashboard.method.financial_year import april_of, later

_YEAR = r"(?P<y>(?:19|20)\d\d)"
_DASH = r"\s*(?:[-/–—]|to)\s*"
_SPAN = rf"(?:f\.?y\.?\s*)?(?P<y>(?:19|20)\d\d){_DASH}(?P<z>(?:19|20)?\d\d)"
_SHORT_SPAN = r"(?:f\.?y\.?\s*)?(?P<s>\d\d)\s*[-/–—]\s*(?P<z>\d\d)"
_ANY_SPAN = (_SPAN, _SHORT_SPAN)
_WORD = r"(?P<m>[a-z]{3,9})\.?"
_BETWEEN = r"(?:\s*[,:]\s*|\s+|\s*-\s*)"
_QUARTER = r"(?:q|qtr\.?\s*|quarter\s*)(?P<q>[1-4])"
_PERIOD = r"(?:p|pd|per|period|m|mth|month)\.?\s*(?P<p>0?[1-9]|1[0-2])"
_HALF = r"(?:h|half\s*)(?P<h>[12])"

# A number beside a year, each perhaps from a column of its own ("4 2023", "2018/19 4").
_NUMBERED_YEAR = re.compile(
    r"(?:(?P<n>0?[1-9]|1[0-2])(?:\.0+)?\s+(?P<year>.+)|(?P<year2>.+?)\s+(?P<n2>0?[1-9]|1[0-2])(?:\.0+)?)"
)
_BARE_YEAR = re.compile(r"((?:19|20)\d\d)(?:\.0+)?")
_FULL_SPAN = re.compile(rf"\(?{_SPAN}\)?", re.IGNORECASE)

# Two ends of a stretch: ISO 8601's mark, or a dash or "to" as people write it.
_DAY_OR_MONTH = r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d\S*)?)?"
_ISO_INTERVAL = re.compile(
    rf"(?P<start>{_DAY_OR_MONTH})\s*(?:/|--)\s*"
    rf"(?:(?P<length>P(?:\d+[YMWD])+)|(?P<end>{_DAY_OR_MONTH}|\d\d(?:-\d\d)?))",
    re.IGNORECASE,
)
_FROM_TO = [
    re.compile(rf"(?:from\s+)?(?P<start>.{{6,30}}?){mark}(?P<end>.{{6,30}})", re.IGNORECASE)
    for mark in (r"\s+to\s+", r"\s+[-–—]\s+", r"\s*[-–—]\s*")
]

_FORMS = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, patterns in (
        ("month", (rf"{_YEAR}-(?P<n>0[1-9]|1[0-2])", rf"(?P<n>0?[1-9]|1[0-2])[/-]{_YEAR}")),
        ("month", (rf"{_WORD}[\s,-]*{_YEAR}", rf"{_YEAR}[\s-]*{_WORD}")),
        ("month", (rf"{_WORD}[\s-]*'?(?P<y>\d\d)", r"(?P<n>0?[1-9]|1[0-2])/(?P<y>\d\d)")),
        ("digits", (rf"{_YEAR}(?P<n>\d\d)(?:\.0+)?",)),
        ("month of span", tuple(rf"{_WORD}{_BETWEEN}\(?{s}\)?" for s in _ANY_SPAN)),
        ("month of span", tuple(rf"\(?{s}\)?{_BETWEEN}{_WORD}" for s in _ANY_SPAN)),
        ("quarter", tuple(rf"{_QUARTER}{_BETWEEN}\(?{s}\)?" for s in _ANY_SPAN)),
        ("quarter", tuple(rf"\(?{s}\)?(?:{_BETWEEN})?{_QUARTER}" for s in _ANY_SPAN)),
        (
            "quarter of year",
            (rf"{_QUARTER}{_BETWEEN}{_YEAR}", rf"{_YEAR}(?:{_BETWEEN})?{_QUARTER}"),
        ),
        ("period", tuple(rf"{_PERIOD}{_BETWEEN}\(?{s}\)?" for s in _ANY_SPAN)),
        ("period", tuple(rf"\(?{s}\)?(?:{_BETWEEN})?{_PERIOD}" for s in _ANY_SPAN)),
        ("half", tuple(rf"{_HALF}{_BETWEEN}\(?{s}\)?" for s in _ANY_SPAN)),
        ("half", tuple(rf"\(?{s}\)?(?:{_BETWEEN})?{_HALF}" for s in _ANY_SPAN)),
        ("from to", (rf"{_WORD}{_DASH}(?P<w>[a-z]{{3,9}})\.?\s+{_YEAR}",)),
        ("from to", (rf"{_WORD}\s+(?P<x>(?:19|20)\d\d){_DASH}(?P<w>[a-z]{{3,9}})\.?\s+{_YEAR}",)),
        ("spans", (rf"{_SPAN}\s*[-–—]\s*(?P<y2>\d\d(?:\d\d)?)/(?P<z2>\d\d)",)),
        ("span", _ANY_SPAN),
        ("year", (_YEAR,)),
    )
    for pattern in patterns
]


@dataclass(frozen=True)
class Period:
    """A period: how it is labelled, its kind, and its first and last month (first of month).

    `way` says how its text was read, where that text could be read in another way.
    """

    label: str
    kind: str
    start: date
    end: date
    status: str | None = None
    way: str | None = None


@dataclass(frozen=True)
class PeriodRules:
    """What a contract says of a column of periods.

    spans: what "2014-16" means, `financial` (April 2014 to March 2016) or `calendar` (January
    2014 to December 2016). "2016-17", one year apart, is always the financial year.
    notes: words that a publisher adds behind a period, with the status they imply (or none).
    hyphen: what "2010-11" or "10/11" means where the column doesn't settle it, `months` or `years`.
    digits: what "201804" means where the column doesn't settle it: `months` (April 2018),
    `periods` (period 4 of 2018/19) or `years` ("201011" is 2010/11).
    quarters: what "Q1 2018" means, `financial` (April to June) or `calendar` (January to March).
    year: the year of texts that name none ("P8", "Q1", "April"): "2018-19".
    dates: the strptime pattern of full dates, where their order is not the UK's.
    numbers: what a number beside a year is, `months` ("4 2023" is April 2023), `periods` (period 4
    of 2023/24) or `quarters`. Where the contract doesn't say, `numbers_headed` does by the heading.
    """

    spans: str = "financial"
    notes: tuple[tuple[str, str | None], ...] = ()
    hyphen: str | None = None
    digits: str | None = None
    quarters: str | None = None
    year: str | None = None
    dates: str = "any"
    numbers: str | None = None


def numbers_headed(headings: Iterable[str], is_joined: bool) -> str | None:
    """What a number beside a year is, by the headings of the columns that were joined.

    None where one column holds both: beside a calendar year it is then a month.
    """
    said = " ".join(headings).lower()
    if re.search(r"quarter|qtr|\bq\b", said):
        return "quarters"
    if not is_joined:
        return None
    if re.search(r"month|mth|\bmnth\b|\bmon\b|\bmm\b", said):
        return "months"
    return "headed periods" if re.search(r"period|\bpd\b|\bper\b", said) else "unsaid"


class AmbiguousPeriods(ValueError):
    """A column of periods that can be read two ways, with an example and both readings."""


_NO_RULES = PeriodRules()

_ASKS = (
    "'{body}' may be month, period or quarter {number} of its year; say which in the contract: "
    '"period": {{"numbers": "months"}}, "periods" or "quarters"'
)

_MONTH_NAMES = [name for name in MONTHS if len(name) > 3 or name == "may"][:12]

# Which word of a contract settles a text that has these ways of being read.
_SETTLED_BY = {
    "calendar": ("quarters", ("financial", "calendar")),
    "periods": ("digits", ("months", "periods", "years")),
    "months": ("hyphen", ("months", "years")),
}


def read_column(texts: Iterable[str], rules: PeriodRules = _NO_RULES) -> dict[str, Period | None]:
    """What each distinct text of one column means; None where it is no form known.

    Raises AmbiguousPeriods where a text has two readings and neither the other texts of the
    column nor the contract settle which.
    """
    texts = list(texts)
    bodies = {text: _without_note(text, rules) for text in texts}
    ends = {body: pair for body, _ in bodies.values() if (pair := _ends(body))}
    said = {one for pair in ends.values() for one in pair if one}
    try:
        dates = read_dates({*said, *(body for body, _ in bodies.values())}, rules.dates)
        if rules.dates != "any":
            # An interval of ISO 8601 stays one, whatever the order of other dates.
            isos = read_dates({one for one in said if dates[one] is None}, "default")
            dates |= {one: day for one, day in isos.items() if day}
    except AmbiguousDates as error:
        raise AmbiguousPeriods(str(error)) from error
    readings = {
        t: _readings(body, status, rules, dates[body]) or _stretch(body, status, ends, dates)
        for t, (body, status) in bodies.items()
    }
    sure = {found[0].way for found in readings.values() if len(found) == 1}
    answer: dict[str, Period | None] = {}
    for text, found in readings.items():
        if len(found) > 1:
            found = _settled(text, found, sure, rules)
        answer[text] = replace(found[0], way=None) if found else None
    return answer


def in_months(period: Period) -> str:
    """The months of a period in words: "November 2010", "April 2010 to March 2011"."""
    if period.start == period.end:
        return f"{period.start:%B %Y}"
    if period.start.year == period.end.year:
        return f"{period.start:%B} to {period.end:%B %Y}"
    return f"{period.start:%B %Y} to {period.end:%B %Y}"


def _settled(
    text: str, found: list[Period], sure: set[str | None], rules: PeriodRules
) -> list[Period]:
    ways = [p.way for p in found]
    word, choices = next(_SETTLED_BY[way] for way in _SETTLED_BY if way in ways)
    declared = getattr(rules, word)
    by_column = [way for way in ways if way in sure]
    settled = declared or (by_column[0] if len(by_column) == 1 else None)
    if settled is None:
        offered = " or ".join(f'{{"{word}": "{c}"}}' for c in choices if c in ways)
        raise AmbiguousPeriods(
            f"'{text}' can be read as {' or as '.join(in_months(p) for p in found)}, and the "
            f'rest of the column does not settle it; say which in the contract: "period": {offered}'
        )
    return [p for p in found if p.way == settled]


def _without_note(text: str, rules: PeriodRules) -> tuple[str, str | None]:
    body = text.strip()
    for note, implied in rules.notes:
        if body.lower().endswith(note.lower()):
            return body[: -len(note)].strip(), implied
    return body, None


def _ends(body: str) -> tuple[str, str] | None:
    """The texts of a stretch's first and last day, where the text may be one.

    The last may be a length ("P3M"), or lack what it shares with the first ("2023-04-01/30").
    """
    if found := _ISO_INTERVAL.fullmatch(body):
        start, end = found["start"], found["length"] or found["end"]
        if not found["length"] and len(end) < len(start) and len(end) < 7:
            end = start[: 10 - len(end)] + end
        return start, end
    if any(ch.isdigit() for ch in body):
        for form in _FROM_TO:
            if found := form.fullmatch(body):
                return found["start"].strip(), found["end"].strip()
    return None


def _stretch(
    body: str,
    status: str | None,
    ends: dict[str, tuple[str, str]],
    dates: dict[str, date | None],
) -> list[Period]:
    """The period of two days, or of a day and a length, where it is whole months of ours.

    The last day may be the period's own or, as ISO 8601 counts to a moment, the one behind it.
    """
    if body not in ends:
        return []
    start, end = ends[body]
    first, last = dates[start] or _first_day(start), dates[end]
    if first is None or first.day != 1:
        return []
    if length := re.fullmatch(r"P(?:\d+[YMWD])+", end, re.IGNORECASE):
        until = _after(first, length[0])
    elif month := _first_day(end):
        until = later(month, 1)
    elif last is not None:
        until = last if last.day == 1 else last + timedelta(days=1)
    else:
        return []
    if until.day != 1 or until <= first:
        return []
    found = _aligned(first, later(until, -1))
    return [replace(found, status=status)] if found else []


def _first_day(text: str) -> date | None:
    found = re.fullmatch(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def _after(first: date, length: str) -> date:
    """The day behind a length of ISO 8601 that begins on this one."""
    parts = {unit.upper(): int(n) for n, unit in re.findall(r"(\d+)([YMWD])", length, re.I)}
    # Beyond a century nothing is a period, and a date could not hold it.
    months = min(12 * parts.get("Y", 0) + parts.get("M", 0), 1200)
    days = min(7 * parts.get("W", 0) + parts.get("D", 0), 36_600)
    return later(first, months) + timedelta(days=days)


def _numbered(body: str, rules: PeriodRules) -> str:
    """ "4 2023" in a form that says what the number is: "2023-04", "P4 2023-24" or "Q4 2023"."""
    found = _NUMBERED_YEAR.fullmatch(body)
    if not found:
        return body
    number, said = int(found["n"] or found["n2"]), (found["year"] or found["year2"]).strip()
    year, span = _BARE_YEAR.fullmatch(said), _FULL_SPAN.fullmatch(said)
    if not year and not span:
        return body
    if rules.numbers == "unsaid" or (rules.numbers is None and span):
        raise AmbiguousPeriods(_ASKS.format(body=body, number=number))
    if rules.numbers == "headed periods" and year:
        raise AmbiguousPeriods(_ASKS.format(body=body, number=number))
    if rules.numbers == "quarters":
        return f"Q{number} {year[1] if year else said}" if number <= 4 else body
    if rules.numbers in ("periods", "headed periods"):
        return f"P{number} {said if span else f'{year[1]}-{(int(year[1]) + 1) % 100:02d}'}"
    return f"{year[1]}-{number:02d}" if year else f"{_MONTH_NAMES[number - 1]} {said}"


def _readings(body: str, status: str | None, rules: PeriodRules, day: date | None) -> list[Period]:
    found: dict[tuple[date, date], Period] = {}
    whole = _month(day) if day else None
    if whole:
        found[(whole.start, whole.end)] = whole
    body = _numbered(body, rules)
    for text in (body, f"{body} {rules.year}") if rules.year else (body,):
        for kind, form in _FORMS:
            if match := form.fullmatch(text):
                for period in _read(kind, match.groupdict(), rules):
                    found.setdefault((period.start, period.end), period)
        if found:
            break
    return [replace(p, status=status) for p in found.values()]


def _read(kind: str, part: dict[str, str], rules: PeriodRules) -> list[Period]:
    match kind:
        case "month":
            found = [_named_month(part)]
        case "digits":
            found = _six_digits(int(part["y"]), int(part["n"]), rules)
        case "year":
            year = int(part["y"])
            found = [Period(str(year), "year", date(year, 1, 1), date(year, 12, 1))]
        case "quarter of year":
            year, quarter = int(part["y"]), int(part["q"])
            calendar = date(year, 3 * quarter - 2, 1)
            found = [
                replace(_months(date(year, 4, 1), 3 * quarter - 3, 3), way="financial"),
                replace(_aligned(calendar, later(calendar, 2)), way="calendar"),
            ]
        case "from to":
            found = [_from_to(part)]
        case "spans":
            found = [_years_to_years(part)]
        case "span":
            found = [_span(part, rules)]
        case _:
            found = [_part_of_year(kind, part)]
    return [p for p in found if p]


def _named_month(part: dict[str, str]) -> Period | None:
    number = int(part["n"]) if part.get("n") else MONTHS.get(part["m"].lower())
    if number is None:
        return None
    year = int(part["y"])
    # Written with numbers alone, a month looks like a span of years.
    way = "months" if part.get("n") else None
    found = _month(date(year + (2000 if year < 100 else 0), number, 1))
    return replace(found, way=way)


def _six_digits(year: int, number: int, rules: PeriodRules) -> list[Period]:
    found = []
    if 1 <= number <= 12:
        found.append(replace(_month(date(year, number, 1)), way="months"))
        found.append(replace(_months(date(year, 4, 1), number - 1, 1), way="periods"))
    if number == (year + 1) % 100:
        found.append(replace(_months(date(year, 4, 1), 0, 12), way="years"))
    return [p for p in found if rules.digits in (None, p.way)]


def _part_of_year(kind: str, part: dict[str, str]) -> Period | None:
    """A month, quarter, half or numbered period of a financial year."""
    first = _first_year(part)
    if first is None or _later(first, part["z"]) != first + 1:
        return None
    april = date(first, 4, 1)
    if kind == "quarter":
        return _months(april, 3 * int(part["q"]) - 3, 3)
    if kind == "half":
        return _months(april, 6 * int(part["h"]) - 6, 6)
    if kind == "period":
        return _months(april, int(part["p"]) - 1, 1)
    number = MONTHS.get(part["m"].lower())
    return _month(date(first + (number < 4), number, 1)) if number else None


def _from_to(part: dict[str, str]) -> Period | None:
    """ "April to June 2018": a quarter, half or year; other stretches are no period of ours."""
    first, last = MONTHS.get(part["m"].lower()), MONTHS.get(part["w"].lower())
    if first is None or last is None:
        return None
    end = date(int(part["y"]), last, 1)
    start = date(int(part["x"]) if part.get("x") else end.year - (first > last), first, 1)
    return _aligned(start, end)


def _span(part: dict[str, str], rules: PeriodRules) -> Period | None:
    first = _first_year(part)
    last = _later(first, part["z"]) if first is not None else None
    if last is None or (part.get("s") and last != first + 1):
        return None
    if last == first + 1:
        return replace(_months(date(first, 4, 1), 0, 12), way="years")
    label = f"{first}-{last % 100:02d}"
    if rules.spans == "calendar":
        return Period(label, "years", date(first, 1, 1), date(last, 12, 1), way="years")
    return Period(label, "years", date(first, 4, 1), date(last, 3, 1), way="years")


def _years_to_years(part: dict[str, str]) -> Period | None:
    """ "2013/14-15/16": from one financial year to another."""
    first = int(part["y"])
    last, second = _later(first, part["z"]), _later(first, part["y2"])
    end = _later(second, part["z2"]) if second else None
    if last != first + 1 or end is None or end != second + 1:
        return None
    label = f"{first}-{end % 100:02d}"
    return Period(label, "years", date(first, 4, 1), date(end, 3, 1), way="years")


def _aligned(start: date, end: date) -> Period | None:
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    if length == 1:
        return _month(start)
    if length in (3, 6, 12) and (start.month - 4) % length == 0:
        return _months(april_of(start), (start.month - 4) % 12, length)
    if length == 12 and start.month == 1:
        return Period(str(start.year), "year", start, end)
    return None


def _months(april: date, skip: int, length: int) -> Period:
    """The stretch of a financial year that begins `skip` months after April."""
    start = later(april, skip)
    year = f"{april.year}-{(april.year + 1) % 100:02d}"
    if length == 1:
        return _month(start)
    label, kind = {
        3: (f"{year} Q{skip // 3 + 1}", "quarter"),
        6: (f"{year} H{skip // 6 + 1}", "half"),
        12: (year, "financial year"),
    }[length]
    return Period(label, kind, start, later(start, length - 1))


def _month(day: date) -> Period:
    first = day.replace(day=1)
    return Period(f"{first:%Y-%m}", "month", first, first)


def _first_year(part: dict[str, str]) -> int | None:
    if part.get("y"):
        return int(part["y"])
    return 2000 + int(part["s"]) if part.get("s") else None


def _later(first: int, text: str) -> int | None:
    """The second year of "2014-16", which has to come after the first, within ten years."""
    last = int(text) if len(text) == 4 else first // 100 * 100 + int(text)
    if last < first and len(text) == 2:
        last += 100
    return last if first < last <= first + 10 else None

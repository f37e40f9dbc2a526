"""Periods as councils write them, read into a label, a first month and a last month.

Financial years run April to March, so "2017-18" is April 2017 to March 2018 and quarter 1 is
April to June. Nothing is guessed: a form that is not listed here is not a period, and where a
text could be read two ways ("2010-11" is November 2010 or a financial year) the rest of the
column or the contract has to settle it.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name: i for i, name in enumerate(_NAMES.split(), 1)}
_MONTHS |= {name[:3]: i for name, i in list(_MONTHS.items())} | {"sept": 9}

_YEAR = r"(?P<y>(?:19|20)\d\d)"
_SPAN = r"(?P<y>(?:19|20)\d\d)\s*[-/–]\s*(?P<z>(?:19|20)?\d\d)"
_WORD = r"(?P<m>[a-z]{3,9})\.?"

_FORMS = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("month", rf"{_YEAR}-(?P<n>0[1-9]|1[0-2])(?:-\d\d)?"),
        ("month", rf"(?P<n>0?[1-9]|1[0-2])/{_YEAR}"),
        ("month of span", rf"{_WORD}\s+{_SPAN}"),
        ("month", rf"{_WORD}[\s-]+{_YEAR}"),
        ("short month", rf"{_WORD}[\s-]+(?P<y>\d\d)"),
        ("quarter", rf"q(?P<q>[1-4])\s*[,\s]\s*{_SPAN}"),
        ("quarter", rf"{_SPAN}\s*[,\s]?\s*q(?P<q>[1-4])"),
        ("spans", rf"{_SPAN}\s*-\s*(?P<y2>\d\d(?:\d\d)?)/(?P<z2>\d\d)"),
        ("span", _SPAN),
        ("year", _YEAR),
    )
]


@dataclass(frozen=True)
class Period:
    """A period: how it is labelled, its kind, and its first and last month (first of month)."""

    label: str
    kind: str
    start: date
    end: date
    status: str | None = None


@dataclass(frozen=True)
class PeriodRules:
    """What a contract says of a column of periods.

    spans: what "2014-16" means, `financial` (April 2014 to March 2016) or `calendar` (January
    2014 to December 2016). "2016-17", one year apart, is always the financial year.
    notes: words that a publisher adds behind a period, with the status they imply (or none).
    hyphen: what "2010-11" means where the column doesn't settle it, `months` or `years`.
    """

    spans: str = "financial"
    notes: tuple[tuple[str, str | None], ...] = ()
    hyphen: str | None = None


class AmbiguousPeriods(ValueError):
    """A column of periods that can be read two ways, with an example and both readings."""


_NO_RULES = PeriodRules()


def read_column(texts: list[str], rules: PeriodRules = _NO_RULES) -> dict[str, Period | None]:
    """What each distinct text of one column means; None where it is no form known.

    Raises AmbiguousPeriods where a text has two readings and neither the other texts of the
    column nor the contract (`hyphen`) settle which.
    """
    readings = {text: _readings(text, rules) for text in texts}
    ways = {_way(found[0]) for found in readings.values() if len(found) == 1}
    ways -= {"other"}
    settled = rules.hyphen or (next(iter(ways)) if len(ways) == 1 else None)
    answer: dict[str, Period | None] = {}
    for text, found in readings.items():
        if len(found) > 1 and settled is None:
            raise AmbiguousPeriods(
                f"'{text}' can be read as {' or as '.join(in_months(p) for p in found)}, and the "
                "rest of the column does not settle it; say which in the contract: "
                '"period": {"hyphen": "months"} or {"hyphen": "years"}'
            )
        if len(found) > 1:
            found = [p for p in found if _way(p) == settled]
        answer[text] = found[0] if found else None
    return answer


def in_months(period: Period) -> str:
    """The months of a period in words: "November 2010", "April 2010 to March 2011"."""
    if period.start == period.end:
        return f"{period.start:%B %Y}"
    if period.start.year == period.end.year:
        return f"{period.start:%B} to {period.end:%B %Y}"
    return f"{period.start:%B %Y} to {period.end:%B %Y}"


def _way(period: Period) -> str:
    return {"month": "months", "financial year": "years", "years": "years"}.get(
        period.kind, "other"
    )


def _readings(text: str, rules: PeriodRules) -> list[Period]:
    body, status = text.strip(), None
    for note, implied in rules.notes:
        if body.lower().endswith(note.lower()):
            body, status = body[: -len(note)].strip(), implied
            break
    found: dict[tuple[date, date], Period] = {}
    for kind, form in _FORMS:
        if match := form.fullmatch(body):
            period = _read(kind, match.groupdict(), rules)
            if period is not None:
                found.setdefault((period.start, period.end), replace(period, status=status))
    return list(found.values())


def financial_year_of(month: date) -> str:
    """The financial year of a month: 1 March 2018 is in "2017-18"."""
    first = month.year if month.month >= 4 else month.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def _read(kind: str, part: dict[str, str], rules: PeriodRules) -> Period | None:
    if kind in ("month", "short month", "month of span"):
        return _month(kind, part)
    if kind == "year":
        year = int(part["y"])
        return Period(str(year), "year", date(year, 1, 1), date(year, 12, 1))
    first = int(part["y"])
    last = _later(first, part["z"])
    if last is None:
        return None
    if kind == "quarter":
        if last != first + 1:
            return None
        quarter = int(part["q"])
        start = _plus(date(first, 4, 1), 3 * (quarter - 1))
        label = f"{first}-{last % 100:02d} Q{quarter}"
        return Period(label, "quarter", start, _plus(start, 2))
    if kind == "spans":  # 2013/14-15/16: from one financial year to another
        second = _later(first, part["y2"])
        end = _later(second, part["z2"]) if second else None
        if last != first + 1 or end is None or end != second + 1:
            return None
        return Period(f"{first}-{end % 100:02d}", "years", date(first, 4, 1), date(end, 3, 1))
    label = f"{first}-{last % 100:02d}"
    if last == first + 1:
        return Period(label, "financial year", date(first, 4, 1), date(last, 3, 1))
    if rules.spans == "calendar":
        return Period(label, "years", date(first, 1, 1), date(last, 12, 1))
    return Period(label, "years", date(first, 4, 1), date(last, 3, 1))


def _month(kind: str, part: dict[str, str]) -> Period | None:
    number = int(part["n"]) if part.get("n") else _MONTHS.get(part["m"].lower())
    if number is None:
        return None
    year = int(part["y"])
    if kind == "short month":
        year += 2000
    if kind == "month of span":
        if _later(year, part["z"]) != year + 1:
            return None
        year += number < 4
    month = date(year, number, 1)
    return Period(f"{month:%Y-%m}", "month", month, month)


def _later(first: int, text: str) -> int | None:
    """The second year of "2014-16", which has to come after the first, within ten years."""
    last = int(text) if len(text) == 4 else first // 100 * 100 + int(text)
    if last < first and len(text) == 2:
        last += 100
    return last if first < last <= first + 10 else None


def _plus(month: date, months: int) -> date:
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)

"""How figures, months and periods read: GOV.UK style, and the same everywhere.

1,234 · 0.5 · 50% · £2.75 · £1.2m · "July to September 2017".
"""

from datetime import date, datetime
from decimal import Decimal

Number = int | float | Decimal

MISSING = "not available"
_STATUS = {
    "suppressed": "suppressed",
    "missing": MISSING,
    "not served": "not served",
}


def figure(value: Number | None, unit: str | None, status: str = "final") -> str:
    """A figure in its unit: "95.4%", "£7.05", "9.3 days", "1,234"; or why there is none."""
    if value is None:
        return _STATUS.get(status, MISSING)
    match unit:
        case "share":
            return f"{_rounded(float(value) * 100, 1)}%"
        case "£":
            return pounds(value)
        case "£m":
            return f"{'−' if value < 0 else ''}£{_rounded(abs(value), 1)}m"
        case "points":
            return _points(float(value))
        case "days" | "weeks" | "hours":
            shown = _rounded(value, 1)
            return f"{shown} {unit if shown != '1' else unit[:-1]}"
    if unit and unit.startswith("%"):
        # Near 0 and near 100 a tenth hides the difference that matters: 99.75% is not 99.8%.
        near = 2 if (99 < float(value) < 101 or 0 < float(value) < 1) else 1
        return f"{_rounded(value, near)}%"
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return _rounded(value, places)


def span(low: Number, high: Number, unit: str | None) -> str:
    """From one figure to another: "84% to 95%", "19.7 to 24.1 days"."""
    first, last = figure(low, unit), figure(high, unit)
    # A unit in words is said once: "−1 points to 1 point" is not English.
    return f"{first.partition(' ')[0]} to {last}"


def change(value: Number | None, before: Number | None, unit: str | None) -> str:
    """A change in its unit, with sign: "+2.3 points", "−£1,200"; nothing where one is missing."""
    if value is None or before is None:
        return ""
    gap = float(value) - float(before)
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    if unit == "share":
        return f"{sign}{_points(abs(gap) * 100)}"
    if unit and unit.startswith("%"):
        return f"{sign}{_points(abs(gap))}"
    return f"{sign}{figure(abs(gap), unit)}"


def percent(share: float | None) -> str:
    """A share as a whole percentage: 0.82 is "82%"."""
    return MISSING if share is None else f"{round(share * 100):.0f}%"


def pounds(value: Number) -> str:
    """An amount for a sentence: £2.75 · £415 · £12,345 · £1.2m. Minus before the pound sign."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size >= 1_000_000_000:
        return f"{sign}£{_rounded(float(size) / 1e9, 1)}bn"
    if size >= 1_000_000:
        places = 1 if size >= 10_000_000 else 2
        return f"{sign}£{_rounded(float(size) / 1e6, places)}m"
    if size >= 100:
        return f"{sign}£{size:,.0f}"
    return f"{sign}£{size:,.2f}".removesuffix(".00")


def pounds_exact(value: Number | None) -> str:
    """An amount for a table, to the penny: £1,234,567.89."""
    if value is None:
        return MISSING
    return f"{'−' if value < 0 else ''}£{abs(value):,.2f}"


def variance(actual: Number | None, budget: Number | None, *, is_income: bool = False) -> str:
    """Actual against budget: "£0.53m (7%) over", "£0.35m (7%) under", "on budget".

    A per cent of a budget of nought or below says nothing: there it is pounds alone, and of income
    "£2.1m less income than budgeted".
    """
    if actual is None or budget is None:
        return ""
    gap = actual - budget
    if abs(gap) < 1:
        return "on budget"
    if is_income and budget < 0:
        return f"{pounds(abs(gap))} {'less' if gap > 0 else 'more'} income than budgeted"
    share = f" ({abs(float(gap) / float(budget)):.0%})" if budget > 0 else ""
    return f"{pounds(abs(gap))}{share} {'over' if gap > 0 else 'under'}"


def variance_exact(actual: Number | None, budget: Number | None) -> str:
    """Actual against budget for a table, to the penny: "£53,012.40 over"; "on budget"."""
    if actual is None or budget is None:
        return ""
    gap = actual - budget
    return f"{pounds_exact(abs(gap))} {'over' if gap > 0 else 'under'}" if gap else "on budget"


def over_or_under(actual: Number | None, budget: Number | None) -> str:
    """Actual against budget where room is short: "7% over budget"; nothing without a budget.

    In pounds where the budget is nought or below.
    """
    if actual is None or budget is None:
        return ""
    if budget <= 0:
        gap = actual - budget
        if abs(gap) < 1:
            return "on budget"
        return f"{pounds(abs(gap))} {'over' if gap > 0 else 'under'} budget"
    gap = round(float(actual - budget) / float(budget) * 100)
    if gap == 0:
        return "on budget"
    return f"{abs(gap)}% {'over' if gap > 0 else 'under'} budget"


def money_change(now: Number, before: Number) -> str:
    """One amount against another: "£65 (15%) more"; "no change".

    Without a per cent where either is below nought, or there was nothing before.
    """
    gap = now - before
    if abs(gap) < Decimal("0.005"):
        return "no change"
    share = f" ({abs(float(gap) / float(before)):.0%})" if before > 0 and now >= 0 else ""
    return f"{pounds(abs(gap))}{share} {'more' if gap > 0 else 'less'}"


def year(financial_year: str) -> str:
    """A financial year as councils write it: "2017-18" is 2017/18."""
    return financial_year.replace("-", "/")


def month(when: date) -> str:
    """March 2018."""
    return f"{when:%B %Y}"


def day(when: date) -> str:
    """12 June 2023."""
    return f"{when.day} {when:%B %Y}"


def months(first: date, last: date) -> str:
    """April 2017 to March 2018; "April to June 2017"; "March 2018"."""
    if first == last:
        return month(first)
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}"
    return f"{month(first)} to {month(last)}"


def period(label: str, end: date) -> str:
    """A period with its months: "2017-18 Q4" is "January to March 2018"."""
    if len(label) == 7 and label[4] == "-" and label == f"{end:%Y-%m}":
        return month(end)
    if " Q" in label:
        return months(date(end.year, end.month - 2, 1), end)
    if " H" in label:
        first = end.year * 12 + end.month - 6
        return months(date(first // 12, first % 12 + 1, 1), end)
    if len(label) == 4:
        return f"year to {month(end)}"
    first = int(label[:4])
    years = end.year - first
    start = date(first, end.month % 12 + 1, 1)
    return f"{label.replace('-', '–')} ({months(start, end)})" if years >= 0 else label


def ago(at: datetime, now: datetime) -> str:
    """How long since: "just now", "a minute ago", "5 minutes ago"; from a day on the date."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return "a minute ago" if minutes == 1 else f"{minutes} minutes ago"
    if minutes < 24 * 60:
        return "an hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    return f"on {at.day} {at:%B %Y}"


# What is said wherever a figure is shown that its own series makes unlikely.
DOUBTFUL = "doubtful: far outside its own history"


def doubt(is_doubtful: bool | None) -> str:
    """Beside a figure: " (doubtful: far outside its own history)", or nothing."""
    return f" ({DOUBTFUL})" if is_doubtful else ""


def doubts(count: int) -> str:
    """Behind a count of figures: ", 2 of them doubtful", or nothing."""
    return f", {count:,} of them doubtful" if count else ""


def listing(names: list[str]) -> str:
    """Havering, Newham and Bexley."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1 measure; 3 measures."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _points(gap: float) -> str:
    shown = _rounded(gap, 1)
    return f"{shown} point{'' if shown == '1' else 's'}"


def _rounded(value: Number, places: int) -> str:
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−") if text not in ("-0", "0") else "0"

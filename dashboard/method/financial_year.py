"""Months and the financial year, which begins in April. Months are dates, the first of each."""

from datetime import date

MARCH = 12


def april_of(month: date) -> date:
    """The April that a month's financial year begins with."""
    return date(month.year - (month.month < 4), 4, 1)


def number_of(month: date) -> int:
    """A month's number in its financial year: April is 1, March 12."""
    return (month.month + 8) % 12 + 1


def month_of(year: date, number: int) -> date:
    """The month of this number in the financial year that begins with an April."""
    return date(year.year + (number > 9), (number + 2) % 12 + 1, 1)


def label(year: date) -> str:
    """A financial year by the April it begins with: 2017/18."""
    return f"{year.year}/{(year.year + 1) % 100:02d}"


def later(month: date, by: int) -> date:
    """The month so many months later; earlier, if by is below nought."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months the last is later than the first."""
    return (last.year - first.year) * 12 + last.month - first.month


def a_year_before(month: date) -> date:
    """The same month of the year before."""
    return date(month.year - 1, month.month, 1)

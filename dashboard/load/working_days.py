"""Working days in England: no Saturdays, Sundays or bank holidays.

The bank holidays are those of the Banking and Financial Dealings Act 1971 as gov.uk/bank-holidays
lists them, with what proclamations moved or added. By rule, because a library of holidays of the
world is large and its England would have to be checked all the same; tests hold it against the
published lists.
"""

from datetime import date, timedelta
from functools import lru_cache

# The years whose holidays are known: one that is proclaimed later is not.
YEARS = range(2003, 2031)

# Royal occasions: days added, and holidays moved from one day to another.
_ADDED = (
    date(2011, 4, 29),
    date(2012, 6, 5),
    date(2022, 6, 3),
    date(2022, 9, 19),
    date(2023, 5, 8),
)
_MOVED = {
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}


def is_working(day: date) -> bool:
    """True but for Saturdays, Sundays and bank holidays. Raises ValueError outside YEARS."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def due_by(received: date, within: int) -> date:
    """The last of so many working days, of which the first is the one after receipt.

    As the Freedom of Information Act 2000, section 10, counts them. Raises ValueError where the
    bank holidays of a year are not known.
    """
    day = received
    while within > 0:
        day += timedelta(days=1)
        within -= is_working(day)
    return day


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in a year. Raises ValueError outside YEARS."""
    if year not in YEARS:
        raise ValueError(f"the bank holidays of {year} are not known here")
    easter = _easter(year)
    days = {
        _on_a_weekday(date(year, 1, 1)),
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _monday(date(year, 5, 1)),
        _monday(date(year, 5, 25)),
        _monday(date(year, 8, 25)),
    }
    days = {_MOVED.get(day, day) for day in days} | {d for d in _ADDED if d.year == year}
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    # One that falls on a weekend is kept on the next day that is no holiday.
    days |= {day for day in (christmas, boxing) if day.weekday() < 5}
    for day in (christmas, boxing):
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in days:
                day += timedelta(days=1)
            days.add(day)
    return frozenset(days)


def _monday(first: date) -> date:
    """The first Monday on or after a day."""
    return first + timedelta(days=-first.weekday() % 7)


def _on_a_weekday(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def _easter(year: int) -> date:
    """Easter Sunday by the Gregorian rule (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)

"""The 48 months of the workspace, and how months, quarters and financial years are written.

A financial year runs April to March and is named by the calendar year it begins in (2017 is
2017/18); quarter 1 is April to June.
"""

FIRST_YEAR = 2014  # oneSource began in April 2014
YEARS = (
    2014,
    2015,
    2016,
    2017,
)  # 2017/18 is the last whole year before the deck of April 2018


def months_of_year(year: int) -> list[str]:
    """The twelve months of a financial year, April first, as YYYY-MM."""
    return [f"{year}-{m:02d}" for m in range(4, 13)] + [f"{year + 1}-{m:02d}" for m in (1, 2, 3)]


MONTHS = [month for year in YEARS for month in months_of_year(year)]
NEWEST = MONTHS[-1]
INDEX = {month: position for position, month in enumerate(MONTHS)}


def year_of(month: str) -> int:
    """The financial year a month lies in, by the calendar year it begins in."""
    year, number = int(month[:4]), int(month[5:])
    return year if number >= 4 else year - 1


def place_in_year(month: str) -> int:
    """The council's period number: April is 1, March is 12."""
    return (int(month[5:]) - 4) % 12 + 1


def year_label(year: int) -> str:
    """2017 is written 2017-18."""
    return f"{year}-{(year + 1) % 100:02d}"


def reporting_periods(frequency: str) -> list[tuple[str, list[str]]]:
    """Every period of a frequency in date order: its label and the months it covers."""
    if frequency == "monthly":
        return [(month, [month]) for month in MONTHS]
    if frequency == "quarterly":
        return [
            (
                f"{year_label(year)} Q{quarter + 1}",
                months_of_year(year)[quarter * 3 : quarter * 3 + 3],
            )
            for year in YEARS
            for quarter in range(4)
        ]
    if frequency == "annual":
        return [(year_label(year), months_of_year(year)) for year in YEARS]
    raise ValueError(f"frequency {frequency!r}: expected monthly, quarterly or annual")

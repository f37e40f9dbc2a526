"""Dates of a column are read in one order, and one slip does not turn all of them round."""

from datetime import date

import pytest

from dashboard.load.dates import AmbiguousDates, read_dates

DAY_FIRST = [f"{day:02d}/04/2018" for day in range(1, 13)]


def test_one_date_month_first_among_many_that_can_be_either_is_no_proof():
    with pytest.raises(AmbiguousDates) as refused:
        read_dates([*DAY_FIRST, "04/15/2018"])
    assert str(refused.value) == (
        "'04/15/2018' alone has the month first, and the other dates, such as '01/04/2018', can "
        'be read either way; say which in the contract: "format": "%d/%m/%Y" or "%m/%d/%Y"'
    )


def test_dates_of_a_month_written_month_first_are_read_so():
    read = read_dates([f"04/{day:02d}/2018" for day in range(1, 31)])
    assert list(read.values()) == [date(2018, 4, day) for day in range(1, 31)]


def test_few_dates_are_read_by_the_one_that_can_only_be_month_first():
    assert read_dates(["04/03/2018", "04/15/2018"]) == {
        "04/03/2018": date(2018, 4, 3),
        "04/15/2018": date(2018, 4, 15),
    }

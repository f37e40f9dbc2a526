"""Periods as councils write them."""

from datetime import date

import pytest

from dashboard.load.periods import AmbiguousPeriods, PeriodRules, in_months, read_column


def _one(text: str, rules: PeriodRules | None = None):
    return read_column([text], rules or PeriodRules())[text]


@pytest.mark.parametrize(
    ("text", "label", "first", "last"),
    [
        ("2018-04", "2018-04", date(2018, 4, 1), date(2018, 4, 1)),
        ("Apr-18", "2018-04", date(2018, 4, 1), date(2018, 4, 1)),
        ("April 2018", "2018-04", date(2018, 4, 1), date(2018, 4, 1)),
        ("Sept 2016", "2016-09", date(2016, 9, 1), date(2016, 9, 1)),
        ("04/2018", "2018-04", date(2018, 4, 1), date(2018, 4, 1)),
        ("Q1 2018/19", "2018-19 Q1", date(2018, 4, 1), date(2018, 6, 1)),
        ("2018-19 Q4", "2018-19 Q4", date(2019, 1, 1), date(2019, 3, 1)),
        ("2015/16", "2015-16", date(2015, 4, 1), date(2016, 3, 1)),
        ("2015-2016", "2015-16", date(2015, 4, 1), date(2016, 3, 1)),
        ("1999-00", "1999-00", date(1999, 4, 1), date(2000, 3, 1)),
        ("2016", "2016", date(2016, 1, 1), date(2016, 12, 1)),
        ("January 2018-19", "2019-01", date(2019, 1, 1), date(2019, 1, 1)),
        ("2013/14-15/16", "2013-16", date(2013, 4, 1), date(2016, 3, 1)),
    ],
)
def test_each_form_is_read_into_its_months(text, label, first, last):
    period = _one(text)
    assert (period.label, period.start, period.end) == (label, first, last)


@pytest.mark.parametrize(
    "text", ["0", "", "2018-13", "Smarch 2018", "2016-14", "TBC", "Q5 2018/19"]
)
def test_what_is_no_period_is_not_guessed(text):
    assert _one(text) is None


def test_a_span_of_years_is_financial_unless_the_contract_says_calendar():
    assert in_months(_one("2014-16")) == "April 2014 to March 2016"
    assert in_months(_one("2014-16", PeriodRules(spans="calendar"))) == (
        "January 2014 to December 2016"
    )
    # One year apart is a financial year either way.
    assert in_months(_one("2016-17", PeriodRules(spans="calendar"))) == "April 2016 to March 2017"


def test_a_note_behind_a_period_gives_its_status():
    rules = PeriodRules(notes=(("(prov)", "provisional"), ("(OT)", None)))
    assert _one("2025 (prov)", rules).status == "provisional"
    assert _one("2016-17 (OT)", rules).status is None
    assert _one("2016-17 (Rev)", rules) is None


def test_a_year_that_could_be_a_month_is_settled_by_its_column():
    years = read_column(["2010-11", "2012-13", "2009-11"])
    assert years["2010-11"].kind == "financial year"
    assert years["2009-11"].kind == "years"
    months = read_column(["2010-11", "2010-02"])
    assert months["2010-11"].kind == "month"


def test_a_column_that_settles_nothing_is_refused_with_both_readings():
    with pytest.raises(
        AmbiguousPeriods, match=r"'2010-11' can be read as November 2010 or as April 2010 to March"
    ):
        read_column(["2010-11"])
    assert read_column(["2010-11"], PeriodRules(hyphen="years"))["2010-11"].kind == "financial year"
    assert read_column(["2010-11"], PeriodRules(hyphen="months"))["2010-11"].kind == "month"

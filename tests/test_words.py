"""How figures, months and periods read."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard import words


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (95.4, "%", "95.4%"),
        (99.75, "%", "99.75%"),
        (105.234, "%", "105.2%"),
        (-0.44, "points", "−0.4 points"),
        (1, "points", "1 point"),
        (-0.3, "£m", "−£0.3m"),
        (50.0, "%", "50%"),
        (0.954, "share", "95.4%"),
        (7.05, "£", "£7.05"),
        (7, "£", "£7"),
        (1234567, "£", "£1.23m"),
        (10_648_000_000, "£", "£10.6bn"),
        (5.4, "£m", "£5.4m"),
        (1, "days", "1 day"),
        (9.28, "days", "9.3 days"),
        (1234, "number", "1,234"),
        (-0.02, "number", "−0.02"),
        (0, "number", "0"),
    ],
)
def test_a_figure_reads_in_its_unit(value, unit, said):
    assert words.figure(value, unit) == said


@pytest.mark.parametrize(
    ("low", "high", "unit", "said"),
    [
        (84, 95, "%", "84% to 95%"),
        (19.7, 24.1, "days", "19.7 to 24.1 days"),
        (-1, 1, "points", "−1 to 1 point"),
        (1, 2.5, "days", "1 to 2.5 days"),
        (485, 834, "number", "485 to 834"),
        (467847, 1_900_000, "£", "£467,847 to £1.9m"),
    ],
)
def test_a_span_says_a_unit_in_words_once(low, high, unit, said):
    assert words.span(low, high, unit) == said


def test_a_missing_figure_says_why_and_is_never_zero():
    assert words.figure(None, "%") == "not available"
    assert words.figure(None, "%", "suppressed") == "suppressed"
    assert words.figure(None, "%", "not served") == "not served"


def test_a_change_has_a_sign_and_the_right_unit():
    assert words.change(95.4, 93.1, "%") == "+2.3 points"
    assert words.change(9, 10, "%") == "−1 point"
    assert words.change(0.9, 0.95, "share") == "−5 points"
    assert words.change(1, None, "%") == ""


def test_variance_says_over_and_under_in_words():
    assert words.variance(Decimal("1070000"), Decimal("1000000")) == "£70,000 (7%) over"
    assert words.variance(Decimal("930000"), Decimal("1000000")) == "£70,000 (7%) under"
    assert words.variance(Decimal("1000000.40"), Decimal("1000000")) == "on budget"
    assert words.variance(Decimal(1), None) == ""


def test_money_in_tables_keeps_every_penny():
    assert words.pounds_exact(Decimal("1234567.89")) == "£1,234,567.89"
    assert words.pounds_exact(Decimal("-0.10")) == "−£0.10"


@pytest.mark.parametrize(
    ("label", "end", "said"),
    [
        ("2018-03", date(2018, 3, 1), "March 2018"),
        ("2017-18 Q4", date(2018, 3, 1), "January to March 2018"),
        ("2018-19 H1", date(2018, 9, 1), "April to September 2018"),
        ("2017-18 H2", date(2018, 3, 1), "October 2017 to March 2018"),
        ("2017-18", date(2018, 3, 1), "2017–18 (April 2017 to March 2018)"),
        ("2014-16", date(2016, 12, 1), "2014–16 (January 2014 to December 2016)"),
        ("2010-14", date(2014, 3, 1), "2010–14 (April 2010 to March 2014)"),
        ("2016", date(2016, 8, 1), "year to August 2016"),
    ],
)
def test_a_period_always_says_its_months(label, end, said):
    assert words.period(label, end) == said

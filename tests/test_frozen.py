"""An exhibit kept as text comes back the same, and no other text becomes one."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboard.exhibits.charts import Bar, Bars, Event, Line, Panel, Trend
from dashboard.exhibits.exhibit import Cell, Exhibit, Link, Provenance, Table
from dashboard.stories.frozen import NotAnExhibit, freeze, thaw

MARCH = date(2018, 3, 1)
TREND = Trend(
    (Panel("Voids", "%", (Line("Newham", "newham", (MARCH,), (None,), ("",), marks=(None,)),)),),
    (Event(MARCH, "Shops empty", "newham"),),
    council_order=("havering", "newham"),
)
BARS = Bars(("ICT",), ("£1.2m",), (Bar("Actual", "actual", (1.5,), ("",)),), "£")
TABLE = Table(
    "Cost",
    ("Service", "Cost"),
    (
        (
            Cell.of("ICT", None, Link("service", (("service", "ICT"),))),
            Cell((("£1.20", "concern"),), parts=(("off target", 1),)),
        ),
    ),
    ("service", "cost_gbp", "loaded_at"),
    (("ICT", Decimal("1234567.89"), datetime(2018, 4, 26, 9, 30)),),
    figures=frozenset({1}),
)


def an_exhibit(chart=TREND) -> Exhibit:
    return Exhibit(
        "costs.to_date",
        (("council_ids", ("havering", "newham")), ("service_id", None), ("to_month", MARCH)),
        "264a4f3a2c70",
        "/somewhere",
        title="“Voids” rose — £1.2m",
        chart=chart,
        table=TABLE,
        provenance=Provenance("Council papers", "264a4f3a2c70", True, notes=("a note",)),
    )


@pytest.mark.parametrize("chart", [TREND, BARS, None])
def test_an_exhibit_comes_back_whole(chart):
    was = an_exhibit(chart)

    now = thaw(freeze(was))

    assert vars(now) == vars(was)  # equality alone compares name, parameters and version


def test_money_and_dates_come_back_as_what_they_were():
    row = thaw(freeze(an_exhibit())).table.raw_rows[0]

    assert [type(v) for v in row] == [str, Decimal, datetime]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '"only words"',
        '{"is":"Path"}',
        '{"is":"Exhibit"}',
        '{"is":"Exhibit","name":"x","unknown":1}',
        '{"is":"Table"}',
        '{"d":"31 March"}',
        '{"n":"much"}',
        '{"eval":"1"}',
        '{"t":[],"s":[]}',
        "[" * 100_000,
    ],
)
def test_no_other_text_becomes_an_exhibit(text):
    with pytest.raises(NotAnExhibit):
        thaw(text)


def test_a_part_of_an_exhibit_is_none():
    table = json.dumps(json.loads(freeze(an_exhibit()))["table"])

    with pytest.raises(NotAnExhibit, match="no exhibit"):
        thaw(table)

"""Exhibits drawn: nothing a user wrote becomes markup or a formula; charts say what they are."""

import csv
import io
import itertools
from datetime import date

import pytest

from dashboard import theme
from dashboard.exhibits.charts import Bar, Bars, Bridge, Event, Line, Panel, Step, Trend
from dashboard.exhibits.exhibit import Cell, Exhibit, Link, Provenance, Table
from dashboard.render import kinds, text
from dashboard.render.kinds import figures
from dashboard.render.scale import ticks

_NTH = itertools.count()
EVIL = '<img src=x onerror="alert(1)">'
MONTHS = tuple(date(2017, m, 1) for m in range(1, 7))


def _line(name="Bexley", role="bexley", values=(1.0, 2.0, None, 4.0, None, 6.0), **more) -> Line:
    return Line(name, role, MONTHS, values, tuple(str(v) for v in values), **more)


def _exhibit(chart=None, table=None, title="A finding") -> Exhibit:
    return Exhibit(
        "test.one",
        # Exhibits named alike are equal, and what was drawn of one is remembered for the other.
        (("nth", next(_NTH)),),
        "v1",
        "here",
        title=title,
        alt="what it says",
        chart=chart,
        table=table,
        provenance=Provenance("a source", "v1", True),
    )


def _table(*cells: Cell) -> Table:
    return Table(
        "Caption",
        tuple(f"c{i}" for i in range(len(cells))),
        (cells,),
        ("name", "value"),
        (("=1+1", 5), ("@x", -3), ("plain", None)),
    )


def test_what_a_user_wrote_is_text_and_never_markup():
    exhibit = _exhibit(
        Trend((Panel(EVIL, "%", (_line(EVIL),)),), (Event(MONTHS[1], EVIL),)),
        _table(Cell.of(EVIL, None, Link("service", (("service", EVIL),)))),
        title=EVIL,
    )
    drawn = text.head(exhibit) + text.foot(exhibit) + text.table(exhibit) + str(figures(exhibit))
    assert "<img" not in drawn
    assert "&lt;img" in drawn


def test_a_csv_for_a_spreadsheet_holds_no_live_formula():
    raw = text.csv_bytes(_exhibit(table=_table(Cell.of("x")), title="=cmd()"))
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[:4] == [["name", "value"], ["'=1+1", "5"], ["'@x", "-3"], ["plain", ""]]
    assert rows[-2] == ["'=cmd()"]
    assert "Data version v1" in rows[-1][0]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_sign_that_begins_a_formula_begins_a_cell(begins):
    raw = text.csv_bytes(_exhibit(table=_table(Cell.of("x")), title=f"{begins}cmd()"))
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[-2] == [f"'{begins}cmd()"]


def test_a_month_without_a_value_stays_a_gap():
    (drawn,) = figures(_exhibit(Trend((Panel("", "%", (_line(),)),), council_order=("bexley",))))
    trace = drawn["data"][0]
    assert trace["y"] == [1.0, 2.0, None, 4.0, None, 6.0]
    assert trace["connectgaps"] is False
    # A figure between two gaps has no line of its own: it needs a marker to be seen.
    assert trace["mode"] == "lines+markers"


def test_a_provisional_figure_is_hollow():
    line = _line(provisional=(False,) * 5 + (True,))
    (drawn,) = figures(_exhibit(Trend((Panel("", "%", (line,)),), council_order=("bexley",))))
    hollow = drawn["data"][1]
    assert (hollow["x"], hollow["y"]) == (["2017-06-01"], [6.0])
    assert hollow["marker"]["color"] == theme.SURFACE
    assert "Provisional" in text.head(_exhibit(Trend((Panel("", "%", (line,)),))))


def test_a_council_keeps_its_colour_whatever_is_drawn_beside_it():
    order = ("havering", "newham", "bexley")
    alone = figures(_exhibit(Trend((Panel("", "%", (_line(),)),), council_order=order)))
    both = (_line("Havering", "havering"), _line())
    beside = figures(_exhibit(Trend((Panel("p", "%", both),), council_order=order)))
    assert alone[0]["data"][0]["line"]["color"] == beside[0]["data"][1]["line"]["color"]


def test_events_have_letters_in_the_chart_and_words_beneath():
    chart = Trend(
        (Panel("", "%", (_line(),)),),
        (Event(MONTHS[0], "One"), Event(MONTHS[2], "Two"), Event(date(1999, 1, 1), "Old")),
    )
    assert kinds.events(_exhibit(chart)) == ("A January 2017: One", "B March 2017: Two")
    assert "<b>B</b> March 2017: Two" in text.foot(_exhibit(chart))


def test_bars_start_at_zero():
    chart = Bars(("ICT",), ("£3m",), (Bar("Actual", "actual", (3e6,), ("£3m",)),), "£")
    (drawn,) = figures(_exhibit(chart))
    assert drawn["layout"]["xaxis"]["range"][0] == 0


def test_panels_to_be_compared_stand_in_two_columns_on_the_same_time_axis():
    panels = tuple(Panel(f"p{i}", "%", (_line(),)) for i in range(6))
    left, right = figures(_exhibit(Trend(panels, side_by_side=True)))
    assert left["layout"]["xaxis"]["range"] == right["layout"]["xaxis"]["range"]


def test_a_verdict_is_a_shape_and_a_word_and_not_only_a_colour():
    shown = text.table(_exhibit(table=_table(Cell.of("Off target", "off target"))))
    assert "■</span> Off target" in shown


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(colour: str) -> float:
    return 1.05 / (_luminance(colour) + 0.05)


@pytest.mark.parametrize(
    "colour",
    [theme.INK, theme.QUIET, theme.WHOLE, *(theme.text_colour(c) for c in theme.PALETTE),
     *(v[0] for v in (*theme.VERDICTS.values(), *theme.SIGNALS.values()))],
)  # fmt: skip
def test_words_can_be_read_on_white(colour):
    assert _contrast(colour) >= 4.5


@pytest.mark.parametrize(("bar", "words", "_said"), theme.ANSWERS.values())
def test_words_can_be_read_on_the_bars_of_answers(bar, words, _said):
    light, dark = sorted((_luminance(bar), _luminance(words)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("colour", [*theme.SEQUENCE, *theme.PALETTE])
def test_lines_can_be_seen_on_white(colour):
    assert _contrast(colour) >= 3


@pytest.mark.parametrize(
    "colour", [theme.QUIET, theme.WHOLE, *(s[0] for s in theme.SIGNALS.values())]
)
def test_limits_and_marks_can_be_seen_on_the_band_of_usual_variation(colour):
    assert (_luminance(theme.BAND) + 0.05) / (_luminance(colour) + 0.05) >= 3


def test_each_signal_has_a_shape_of_its_own():
    assert len({shape for _, shape, _ in theme.SIGNALS.values()}) == len(theme.SIGNALS)


def test_a_bridge_is_measured_from_the_budget_and_says_over_and_under_in_words():
    steps = (
        Step("Budget £10", "start", 0, 0, "", "Budget"),
        Step(EVIL, "step", 0, 5, "£5 over", "over", "over"),
        Step("Staff", "step", 5, 3, "£2 under", "under", "under"),
        Step("Outturn £13", "total", 0, 3, "£3 over", "over", "over"),
    )
    exhibit = _exhibit(Bridge(steps, "£", "budget"))
    (drawn,) = figures(exhibit)
    (bars,) = drawn["data"]
    assert (bars["base"], bars["x"]) == ([0, 0, 5, 0], [0, 5, -2, 3])
    assert bars["marker"]["color"][1:3] == [theme.MONEY["over"][0], theme.MONEY["under"][0]]
    notes = [note["text"] for note in drawn["layout"]["annotations"]]
    assert [theme.MONEY["over"][1] in n and "£5 over" in n for n in notes][1]
    assert theme.MONEY["under"][1] in notes[2] and "£2 under" in notes[2]
    axis = drawn["layout"]["xaxis"]
    assert dict(zip(axis["tickvals"], axis["ticktext"], strict=True))[0] == "budget"
    assert axis["ticktext"][-1] == "£5<br>over"
    assert "<img" not in str(drawn)
    key = text.head(exhibit)
    assert "Over budget" in key and "Under budget" in key


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [
        (1.1, 1.9, 3, [1.2, 1.4, 1.6, 1.8]),
        (0, 2.2, 3, [0, 1, 2]),
        (96.4, 97.6, 3, [96.5, 97, 97.5]),
        (0, 1_000_000, 5, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]),
    ],
)
def test_an_axis_has_three_marks_at_least(low, high, about, expected):
    assert ticks(low, high, about) == expected

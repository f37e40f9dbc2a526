"""A story as a file comes back the same, and a file that was meddled with becomes none."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard.exhibits.charts import Line, Panel, Trend
from dashboard.exhibits.exhibit import Exhibit
from dashboard.exhibits.story import Slide, Story
from dashboard.stories.file import NotAStory, from_text, to_text
from tests.test_frozen import BARS, MARCH, an_exhibit

TREND = Trend(
    (Panel("Voids", "%", (Line("Newham", "newham", (MARCH,), (9.3,), ("9.3%",), marks=(None,)),)),)
)
AT = datetime(2018, 4, 26, 9, 30, tzinfo=UTC)


def a_story(*exhibits: Exhibit) -> Story:
    slides = tuple(
        Slide(f"s{nth}", one, "Our headline", "Say this", "What do you think?", "costs?a=b")
        for nth, one in enumerate(exhibits or (an_exhibit(TREND), an_exhibit(BARS)))
    )
    return Story("away-day", "Where we stand — “April”", slides, AT)


def meddled(*path: str | int, to: object) -> str:
    """A story file with one thing in it changed."""
    found = json.loads(to_text(a_story()))
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(found)


def test_a_story_comes_back_as_it_was():
    was = a_story()

    now = from_text(to_text(was))

    assert (now.story_id, now.title, now.changed_at) == (was.story_id, was.title, AT)
    for before, after in zip(was.slides, now.slides, strict=True):
        assert vars(replace(after, exhibit=before.exhibit)) == vars(before)
        assert vars(replace(after.exhibit, read_from=before.exhibit.read_from)) == vars(
            before.exhibit
        )
    assert to_text(now) == to_text(was)


def test_a_file_does_not_tell_where_the_data_lies():
    assert "/somewhere" not in to_text(a_story())


def test_an_exhibit_of_a_file_never_passes_for_one_that_is_served_here():
    served = an_exhibit(TREND)
    forged = meddled("slides", 0, "exhibit", "title", to="All is well")

    opened = from_text(forged).slides[0].exhibit

    assert opened != served
    assert opened != from_text(to_text(a_story())).slides[0].exhibit


def test_a_file_saved_by_a_windows_editor_opens():
    assert from_text("\ufeff" + to_text(a_story()).replace("\n", "\r\n")).title == a_story().title


EXHIBIT = ("slides", 0, "exhibit")
LINE = (*EXHIBIT, "chart", "panels", "t", 0, "lines", "t", 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "does not say “format”"),
        (meddled("format", to="other"), "does not say “format”"),
        (meddled("version", to=4), "update it first"),
        (meddled("version", to="1"), "opens those up to version 3"),
        (meddled("title", to=5), "“title” of the story has to be text"),
        (meddled("title", to="x" * 20_001), "up to 20,000 letters"),
        (meddled("story_id", to=""), "“story_id” of the story is missing"),
        (meddled("changed_at", to="yesterday"), "no time: 'yesterday'"),
        (meddled("changed_at", to=None), "no time: None"),
        (meddled("slides", to={}), "has to be a list"),
        (meddled("slides", to=[{}] * 201), "up to 200"),
        (meddled("slides", 0, to="x"), "slide 1 of the story file has to be an object"),
        (meddled("slides", 1, "slide_id", to="s0"), "the same “slide_id”"),
        (meddled("slides", 1, "notes", to=["x"]), "“notes” of slide 2"),
        (meddled("slides", 1, "notes", to="\ud800"), "half a letter"),
        (meddled(*EXHIBIT, "title", to="\ud800"), "slide 1 can't be drawn"),
        (meddled("slides", 1, "exhibit", to=None), "slide 2: this slide can't be read"),
        (meddled(*EXHIBIT, "title", to=5), "exhibit, title can't be 5"),
        (meddled(*EXHIBIT, "title", to=None), "exhibit, title can't be None"),
        (meddled(*EXHIBIT, "table_first", to=1), "exhibit, table_first can't be 1"),
        (meddled(*EXHIBIT, "chart", to={"is": "Cell", "lines": {"t": []}}), "chart can't be Cell"),
        (meddled(*LINE, "values", to={"t": ["4"]}), "values 1 can't be '4'"),
        (meddled(*LINE, "values", to={"t": [True]}), "values 1 can't be True"),
        (meddled(*LINE, "values", to={"t": [float("inf")]}), "has to be a number that is finite"),
        (meddled(*LINE, "values", to={"t": [{"n": "1e999"}]}), "has to be a number that is finite"),
        (meddled(*LINE, "values", to={"t": [1, 2]}), "line “Newham” has 1 months but 2 values"),
        (meddled(*LINE, "values", to={"t": [None]}), "slide 1 can't be drawn"),
        (meddled(*LINE, "marks", to={"t": ["alarm"]}), "'alarm' is unknown"),
        (meddled(*EXHIBIT, "table", "rows", "t", 0, "t", 0, "lines", to={"t": [{"t": ["x",
          "alarm"]}]}), "'alarm' is unknown"),
        (meddled(*EXHIBIT, "table", "columns", to={"t": ["One"]}), "2 cells under 1 columns"),
        (meddled(*EXHIBIT, "table", "raw_rows", "t", 0, to={"t": []}), "0 cells under 3 columns"),
        (meddled(*EXHIBIT, "table", "raw_columns", to={"t": ["One"]}), "3 cells under 1 columns"),
        (meddled(*EXHIBIT, "table", "raw_rows", to={"t": [{"t": [{"is": "Cell",
          "lines": {"t": []}}] * 3}]}), "raw_rows 1 1 can't be Cell"),
        (meddled(*EXHIBIT, "table", "figures", to={"s": ["x"]}), "table, figures can't be 'x'"),
        (meddled(*EXHIBIT, "table", "rows", "t", 0, "t", 1, "lines", to={"t": [{"t": ["a"]}]}),
         "has to have 2 parts, not 1"),
        (meddled("slides", 1, "exhibit", "chart", "bars", "t", 0, "role", to="other"),
         "slide 2 can't be drawn"),
        (meddled(*LINE, "months", to={"t": [{"d": "1899-12-31"}]}), "begins before 1900"),
        (meddled(*EXHIBIT, "parameters", to={"t": [{"t": ["to_month", "x"]}]}), "can't be drawn"),
        (meddled("slides", 1, "exhibit", "chart", "bars", "t", 0, "values", to={"t": []}),
         "bars “Actual” are 0, and categories are not"),
        (meddled("slides", 1, "exhibit", "chart", "notes", to={"t": []}), "slide 2 can't be drawn"),
    ],
)  # fmt: skip
def test_no_other_file_becomes_a_story(text, said):
    with pytest.raises(NotAStory, match=said):
        from_text(text)

"""The committee's report and a story as Word documents, opened by an independent reader."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from dashboard.exhibits import costs
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Provenance, Table
from dashboard.exhibits.story import Slide, Story
from dashboard.render import cards, document, signs
from dashboard.stories import committee, formats
from dashboard.stories.committee import report
from tests import every_exhibit

COUNCILS = ("havering", "newham", "bexley")
YEAR = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}
DAY = date(2018, 4, 26)


@pytest.fixture
def found(use):
    use("shipped")
    return report(council_ids=COUNCILS, **YEAR)


def opened(written: bytes):
    """The document, once every part of it has been read as XML."""
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    return docx.Document(io.BytesIO(written))


def headings(doc, level: int) -> list[str]:
    return [p.text for p in doc.paragraphs if p.style.name == f"Heading {level}"]


def told(table: Table) -> list[list[str]]:
    """The rows as a document has them: shapes and words, a line each."""
    return [
        [
            "\n".join(
                f"{signs.of(mark)[1]} {text}" if mark else text for text, mark in cell.lines if text
            )
            for cell in row
        ]
        for row in table.rows
    ]


def cells(table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_report_has_the_three_parts_that_committees_ask_for(found):
    doc = opened(document.write_report(found, DAY))

    assert headings(doc, 1) == [
        "1 The whole service",
        "2 By borough",
        "3 Exceptions, with owner",
        "4 Figures as published",
    ]
    assert headings(doc, 2) == ["2.1 Havering", "2.2 Newham", "2.3 Bexley"]
    assert doc.paragraphs[2].text == "26 April 2018"
    assert "April 2017 to March 2018" in doc.paragraphs[1].text


def test_the_title_names_few_councils_and_counts_many(monkeypatch, use):
    use("shipped")
    months = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}
    assert report(council_ids=("havering", "bexley"), **months).subtitle.endswith(
        "March 2018: Havering and Bexley"
    )
    monkeypatch.setattr(committee, "_NAMED", 2)
    assert report(council_ids=("havering", "newham", "bexley"), **months).subtitle.endswith(
        "March 2018: 3 councils"
    )


def test_what_the_report_cannot_show_says_why_in_its_contents(found):
    empty = Finding(title="Satisfaction", empty="Choose one service.")
    section = replace(found.sections[0], exhibits=(empty,))
    said = cards.contents(replace(found, sections=(section,)))
    assert "<li>Satisfaction: Choose one service.</li>" in said


def test_every_number_of_the_report_is_the_exhibits_own(found):
    doc = opened(document.write_report(found, DAY))

    exhibits = [e for section in found.sections for e in section.exhibits]
    assert headings(doc, 3) == [e.title for e in exhibits]
    for exhibit, table in zip(exhibits, doc.tables, strict=True):
        header, *rows = cells(table)
        width = len(exhibit.table.columns)
        assert header[:width] == list(exhibit.table.columns)
        assert [row[:width] for row in rows] == told(exhibit.table)


def test_exceptions_have_their_owner_and_room_for_what_will_be_done(found):
    doc = opened(document.write_report(found, DAY))
    exceptions = next(s for s in found.sections if s.title.startswith("3"))
    table = next(t for t in doc.tables if t.rows[0].cells[-1].text == "Corrective action")

    header, *rows = cells(table)
    assert header[-2:] == ["Owner", "Corrective action"]
    assert len(rows) == len(exceptions.exhibits[0].table.rows)
    assert all(owner and not action for *_, owner, action in rows)


def test_the_report_is_of_the_councils_and_months_that_were_chosen(use):
    use("shipped")
    some = report(council_ids=("bexley",), from_month=date(2017, 10, 1), to_month=date(2017, 12, 1))

    doc = opened(document.write_report(some, DAY))

    assert headings(doc, 2) == ["2.1 Bexley"]
    assert "October to December 2017: Bexley" in doc.paragraphs[1].text
    grid = next(t for t in doc.tables if t.rows[0].cells[0].text == "Service")
    assert "Newham" not in [c.text for c in grid.rows[0].cells]


def test_made_up_figures_are_called_illustrative(found):
    assert ">Illustrative</span>" in cards.contents(found)
    doc = opened(document.write_report(found, DAY))

    sources = [p.text for p in doc.paragraphs if p.style.name == "Source"]
    assert sum(s.startswith("Illustrative data") for s in sources) >= 10


def test_every_exhibit_of_a_story_becomes_words_and_a_native_table(use):
    use("shipped")
    every = every_exhibit.every()
    story = Story("s", "All", tuple(Slide(str(i), e) for i, e in enumerate(every)), datetime.now())

    doc = opened(document.write(story))

    assert headings(doc, 1) == [e.title for e in every]
    assert len(doc.tables) == sum(not e.empty and e.table is not None for e in every)
    assert all(t._tbl.tblPr.find(qn("w:tblDescription")) is not None for t in doc.tables)


@pytest.mark.parametrize("to", formats.FORMATS)
def test_who_waits_hears_of_each_slide(use, to):
    use("shipped")
    cost = costs.to_date(service_id="ict", council_ids=COUNCILS, to_month=YEAR["to_month"])
    slides = tuple(Slide(n, cost) for n in "abc")
    heard: list[int] = []

    formats.write(Story("s", "Ours", slides, datetime(2018, 4, 26)), to, heard.append)

    assert heard == [1, 2, 3]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_makes_a_pdf_of_the_report(found, tmp_path):
    paper = tmp_path / "report.docx"
    paper.write_bytes(document.write_report(found, DAY))
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "pdf", "--outdir", tmp_path, paper],
        check=True,
        timeout=300,
        capture_output=True,
    )
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_story_keeps_headline_question_notes_and_foot(use):
    use("shipped")
    cost = costs.to_date(service_id="ict", council_ids=COUNCILS, to_month=YEAR["to_month"])
    slide = Slide("a", cost, "Our headline", "Say this.", "What do you think?")

    doc = opened(document.write(Story("s", "Ours", (slide,), datetime(2018, 4, 26))))

    said = [p.text for p in doc.paragraphs]
    assert {"Our headline", "Say this.", "What do you think?"} <= set(said)
    assert said[-1].startswith("Illustrative data · ICT · Havering, Newham and Bexley")


def test_long_tables_say_what_they_leave_out_and_odd_letters_do_no_harm():
    rows = tuple((Cell.of(f"row {n} \x00<&>"),) for n in range(document.MOST_ROWS + 5))
    table = Table("A long one", ("What",), rows, ("what",), ())
    exhibit = Exhibit(
        "x.y", (), "v", "p", title="A\x0b title", table=table, provenance=Provenance("S", "v", True)
    )

    doc = opened(document.write(Story("s", "T\x01", (Slide("a", exhibit),), datetime(2018, 4, 26))))

    assert len(doc.tables[0].rows) == document.MOST_ROWS + 1
    assert doc.tables[0].rows[1].cells[0].text == "row 0 \ufffd<&>"
    assert "The first 120 of 125 rows; the workbook has all." in [p.text for p in doc.paragraphs]

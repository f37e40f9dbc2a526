"""What a story can be taken home as. One table, for the page and for the command line.

A format's module is imported when it is first written: what it needs takes a third of a second,
which no visitor should wait for.
"""

import importlib
from dataclasses import dataclass
from datetime import date

from dashboard.exhibits.story import Report, Story, Told, silently


@dataclass(frozen=True)
class Format:
    """A kind of document. module has `write(story, told) -> bytes`; mime is the browsers' word."""

    name: str
    module: str
    mime: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "pptx": Format(
        "PowerPoint", "dashboard.render.slides", f"{_OFFICE}.presentationml.presentation"
    ),
    "xlsx": Format("Excel", "dashboard.render.workbook", f"{_OFFICE}.spreadsheetml.sheet"),
    "html": Format("one web page", "dashboard.render.webpage", "text/html"),
    "docx": Format("Word", "dashboard.render.document", f"{_OFFICE}.wordprocessingml.document"),
}


def write(story: Story, to: str, told: Told = silently) -> bytes:
    """The story as a document of one of the FORMATS; `told` hears of each slide that is done."""
    return importlib.import_module(FORMATS[to].module).write(story, told)


def write_report(report: Report, on: date) -> bytes:
    """The report to the committee as a Word document, under the day that it bears."""
    return importlib.import_module(FORMATS["docx"].module).write_report(report, on)

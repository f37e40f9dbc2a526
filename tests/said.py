"""What a workspace says, as plain text: every exhibit, and the committee's report as a document."""

import io
from collections.abc import Iterator
from datetime import date

from docx import Document

from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Exhibit
from dashboard.stories import committee, formats


def of(exhibit: Exhibit) -> str:
    """Title, subtitle, text alternative and every cell of an exhibit, a line each."""
    return "\n".join(lines(exhibit))


def lines(exhibit: Exhibit) -> Iterator[str]:
    """Each text of an exhibit."""
    yield from filter(None, (exhibit.title, exhibit.subtitle, exhibit.alt, exhibit.empty))
    if exhibit.table:
        yield exhibit.table.caption
        for row in exhibit.table.rows:
            yield " | ".join(" · ".join(text for text, _ in cell.lines) for cell in row)


def report(first: date | None = None, last: date | None = None) -> str:
    """The report to the committee of all councils, as it stands in the Word document.

    The newest financial year unless months are given, as on the command line.
    """
    last = last or reference.workspace()["newest_month"]
    first = first or last.replace(year=last.year - (last.month < 4), month=4)
    councils = tuple(reference.council_names("council"))
    found = committee.report(council_ids=councils, from_month=first, to_month=last)
    return of_document(formats.write_report(found, last))


def of_document(written: bytes) -> str:
    """The text of a Word document: its paragraphs, then its tables row by row."""
    document = Document(io.BytesIO(written))
    rows = (
        " | ".join(cell.text.replace("\n", " · ") for cell in row.cells)
        for table in document.tables
        for row in table.rows
    )
    return "\n".join((*(p.text for p in document.paragraphs), *rows))

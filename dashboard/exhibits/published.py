"""Figures as council papers published them, word for word, with their source."""

from datetime import date

from dashboard import words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Provenance, Table, exhibit
from dashboard.warehouse import fetch


@exhibit
def figures(*, feed: str, from_month: date, to_month: date) -> Finding:
    """What was published that bears on a feed, newest first."""
    found = fetch("published", feed=feed, from_month=from_month, to_month=to_month)
    return Finding(
        title=f"As published: {words.count(len(found), 'figure')} from council papers",
        subtitle="Real figures, word for word. Where the charts above show them, the parts beneath "
        "them are illustrative.",
        table=Table(
            caption="Figures as published",
            columns=("Published", "When", "Source"),
            rows=tuple(
                (
                    Cell.of(r["text"]),
                    Cell.of(words.period(r["period"], r["month"])),
                    Cell.of(r["source"]),
                )
                for r in found.rows()
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
        ),
        provenance=Provenance("named row by row", reference.workspace()["data_version"], False),
        empty=None if len(found) else "Nothing was published for the time chosen.",
        table_first=True,
    )


def where_any(*, feed: str, from_month: date, to_month: date) -> list[Exhibit]:
    """The exhibit above, or none where the workspace has no published figure in the time."""
    found = figures(feed=feed, from_month=from_month, to_month=to_month)
    return [] if found.empty else [found]

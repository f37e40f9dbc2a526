"""Figures as council papers published them, word for word, with their source."""

from datetime import date

from dashboard import words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Provenance, Table, exhibit
from dashboard.warehouse import fetch


@exhibit
def figures(
    *, feed: str, from_month: date, to_month: date, service_id: str | None = None
) -> Finding:
    """What was published that bears on a feed, or on one service of it, newest first."""
    found = fetch("published", feed=feed, from_month=from_month, to_month=to_month)
    rows = [r for r in found.rows() if service_id in (None, r["service_id"])]
    return Finding(
        title=f"As published: {words.count(len(rows), 'figure')} on {feed}, from council papers",
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
                for r in rows
            ),
            raw_columns=found.columns,
            raw_rows=tuple(tuple(r.values()) for r in rows),
        ),
        provenance=Provenance("named row by row", reference.workspace()["data_version"], False),
        empty=None if rows else "Nothing was published for the time chosen.",
        table_first=True,
    )


def where_any(
    *, feed: str, from_month: date, to_month: date, service_id: str | None = None
) -> list[Exhibit]:
    """The exhibit above, or none where the workspace has no published figure in the time."""
    found = figures(feed=feed, from_month=from_month, to_month=to_month, service_id=service_id)
    return [] if found.empty else [found]

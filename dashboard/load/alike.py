"""Names that look alike and are read as different ones, found over all feeds of a snapshot.

Figures are put together by names, so that a directorate in two spellings has two sums. Which
spelling is meant only the publisher knows: both are told, and the contract's `values` makes them
one.
"""

from collections.abc import Iterable

import duckdb

from dashboard.load.feeds import FEEDS
from dashboard.load.spelling import GROUPED_BY, folded
from dashboard.load.sql import name_sql
from dashboard.load.staging import insert


def find(con: duckdb.DuckDBPyConnection) -> None:
    """The table `alike_names`: names of one kind that may be one, each with its rows.

    Grain: one row per field, group of names that look alike, and name of it; the most used first.
    """
    con.execute(
        "create or replace table alike_names (field varchar, folded varchar, name varchar, "
        "rows bigint, position integer)"
    )
    for field in (*GROUPED_BY, "supplier"):
        counted = _counted(con, field)
        groups: dict[str, list[tuple[str, int]]] = {}
        for name, count in counted:
            if key := folded(name):
                groups.setdefault(key, []).append((name, count))
        found = [
            (field, key, name, count, position)
            for key, names in sorted(groups.items())
            if len(names) > 1
            for position, (name, count) in enumerate(sorted(names, key=lambda n: (-n[1], n[0])))
        ]
        insert(con, "alike_names", found)


def _counted(con: duckdb.DuckDBPyConnection, field: str) -> Iterable[tuple[str, int]]:
    """Each name of a field over all feeds, with the rows that have it."""
    column = name_sql(field)
    parts = []
    for feed, shape in FEEDS.items():
        if field not in shape.fields:
            continue
        if feed != "ledger":
            parts.append(f"select {column} as name, 1 as lines from staging.{feed}")
        elif field == "supplier":
            parts.append("select supplier as name, lines from supplier_sums")
        else:
            parts.append(f"select {column} as name, lines from staging.ledger_sums")
    return con.execute(
        f"select name, sum(lines)::bigint from ({' union all '.join(parts)}) "
        "where name is not null group by name"
    ).fetchall()

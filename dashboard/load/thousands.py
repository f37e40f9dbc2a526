"""Amounts that read as a thousand or as one: `1.000` in a file of which `;` parts the columns.

Such files come from machines whose decimals follow a comma and whose thousands are parted by a
point, or from others that write the same with three decimals. One other amount settles which.
"""

from collections.abc import Mapping
from typing import Protocol

import duckdb

from dashboard.load.contract import Field, Resource
from dashboard.load.layout import Layout
from dashboard.load.sql import text_sql
from dashboard.load.text import FileRefused

_DELIMITER = ";"
# Below a thousand without decimals, and above it with a point: both readings take it.
_EITHER = r"[-+(£\s]*(?:0|[1-9]\d{0,2}(?:\.\d{3})*)[-)\s]*"
_POINTED = r"[-+(£\s]*[1-9]\d{0,2}\.\d{3}[-)\s]*"


class Source(Protocol):
    """A file that was opened, with how it is laid out."""

    layout: Layout


def in_doubt(resource: Resource, layout: Layout) -> bool:
    """True where the amounts of a file may have to be looked at before they are read."""
    return layout.delimiter == _DELIMITER and any(map(_is_open, resource.fields))


def check(
    con: duckdb.DuckDBPyConnection, resource: Resource, sources: Mapping[int, Source]
) -> None:
    """Raises FileRefused where a column of amounts in the view `rows` can be read two ways."""
    files = [i for i, source in sources.items() if in_doubt(resource, source.layout)]
    if not files:
        return
    listed = ", ".join(map(str, files))
    for i, f in enumerate(resource.fields):
        if not _is_open(f):
            continue
        said = f"trim(c{i})"
        found = con.execute(
            f"select any_value({said}) filter (regexp_full_match({said}, {text_sql(_POINTED)})) "
            f"as example from rows where file_id in ({listed}) and {said} != '' group by file_id "
            f"having example is not null "
            f"and bool_and(regexp_full_match({said}, {text_sql(_EITHER)})) order by file_id"
        ).fetchall()
        for (text,) in found:
            as_one = text.replace("£", "").strip()
            raise FileRefused(
                f"column '{' or '.join(f.names) or f.name}': '{text}' can be read as {as_one} "
                f"pounds or as {as_one.replace('.', ',')}, and nothing in the column settles it; "
                'say which in the contract: "decimalChar": "." or "decimalChar": ",", "groupChar": '
                '"."'
            )


def _is_open(f: Field) -> bool:
    return f.kind == "money" and f.is_in_file and not f.is_marked and not f.scale

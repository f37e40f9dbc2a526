"""What of files that hold answers of few people, or suppressed figures, is not shown.

Readers open what is shown whole, so that nothing in it may tell what is hidden: no text of a line
of such a file (set aside, skipped, a subtotal), no sum of its rows beside what it states, no digest
by which a guess at it could be tried, and no figure that was published before it was suppressed.
"""

import re

import duckdb

from dashboard.load.contract import Contract
from dashboard.load.feeds import FEEDS, SENSITIVE
from dashboard.load.sql import list_sql, text_sql

# Beside the marks that the contract names, as a status.
_SUPPRESSED = "suppressed"


def note_files(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Make the table `staging.withheld_files`: the numbers of such files.

    A row that was set aside counts by its text: a mark of suppression within it is enough.
    """
    marks = {m for r in contract.resources for f in r.fields for m in f.suppressed}
    either = "|".join(re.escape(m) for m in sorted({_SUPPRESSED, *marks}) if m)
    mark = text_sql(rf'(?i)(^|[,;|\t"])\s*({either})\s*($|[,;|\t"])')
    con.execute(
        "create or replace table staging.withheld_files as "
        f"select file_id from staging.files where feed in ({list_sql(SENSITIVE)}) "
        "union select file_id from staging.performance_rows "
        f"where coalesce(is_suppressed, false) or lower(status) = '{_SUPPRESSED}' "
        "union select file_id from staging.problems "
        f"where feed = 'performance' and regexp_matches(row_text, {mark}) "
        "union select file_id from staging.skipped "
        f"where feed = 'performance' and regexp_matches(row_text, {mark})"
    )


def offer(con: duckdb.DuckDBPyConnection) -> None:
    """Make the macro `is_of_key`: whether a field of a feed says whose row it is, and no figure."""
    keys = " or ".join(
        f"(feed = {text_sql(name)} and field in ({list_sql(feed.key)}))"
        for name, feed in FEEDS.items()
        if feed.key
    )
    con.execute(f"create or replace temp macro is_of_key(feed, field) as coalesce({keys}, false)")


def show_files(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `files` and `reconciled` of what the workings know of them."""
    con.execute(
        "create or replace table files as "
        "select * exclude (account) replace (case when w.file_id is null then hash end as hash) "
        "from staging.files left join staging.withheld_files as w using (file_id) order by file_id"
    )
    con.execute(
        "create or replace table reconciled as select * exclude (file_id) from staging.reconciled "
        "where file_id not in (select file_id from staging.withheld_files) order by all"
    )


def hide_restated(con: duckdb.DuckDBPyConnection) -> None:
    """Of a figure that is suppressed now, what it was before is no longer told."""
    con.execute(
        f"update restatements set before = '{_SUPPRESSED}', "
        f"after = case when after is not null then '{_SUPPRESSED}' end "
        "where feed = 'performance' and field in ('value', 'numerator', 'denominator') "
        "and (period, service_id, council_id, measure_id) in ("
        "select (period, service_id, council_id, measure_id) from staging.performance "
        f"where coalesce(is_suppressed, false) or lower(status) = '{_SUPPRESSED}')"
    )

"""What a load changed of figures that were published already: from what, to what."""

import duckdb

from dashboard.load.feeds import FEEDS
from dashboard.load.sql import name_sql, text_sql

# The feeds whose figures readers see, and the fields of each that are figures.
_FIGURES = {
    "performance": ("value", "numerator", "denominator", "status"),
    "costs": ("budget_gbp", "forecast_gbp", "actual_gbp"),
    "volumes": ("quantity",),
    "cost_shares": ("share",),
    "targets": ("target", "tolerance", "rule"),
}

# Restatements kept of earlier loads. A load that restates ten years of a feed makes tens of
# thousands; the newest matter most.
_KEPT = 50_000

_COLUMNS = (
    "data_version varchar, feed varchar, period varchar, service_id varchar, council_id varchar, "
    "measure_id varchar, what varchar, field varchar, before varchar, after varchar, "
    "is_withdrawn boolean"
)


def create_table(con: duckdb.DuckDBPyConnection) -> None:
    """The table of restatements, of this load and those before it.

    Grain: one row per load, feed, key and field. `what` is the rest of the key (a cost type);
    `after` is null and `is_withdrawn` true where the figure is no longer given at all.
    """
    con.execute(f"create table if not exists restatements ({_COLUMNS})")


def compare(con: duckdb.DuckDBPyConnection, version: str, feeds: set[str], before: str) -> None:
    """Add what differs from the snapshot before, whose workings are attached as `before`."""
    for feed, figures in _FIGURES.items():
        if feed in feeds:
            con.execute(_difference_sql(feed, figures, version, before))
    if "ledger" in feeds:
        con.execute(_ledger_sql(version, before))
    if "satisfaction" in feeds:
        con.execute(_SURVEYS.format(before=_rows_before(before, "satisfaction")), [version])


def _rows_before(before: str, feed: str) -> str:
    # The view of them would look for its table among today's workings.
    return f"(select * from {before}.{feed}_rows where standing is null)"


def withhold_surveys(con: duckdb.DuckDBPyConnection) -> None:
    """Tell of what earlier programs kept of restated surveys no more than of today's: the waves."""
    con.execute(
        "create or replace temp table waves as select distinct data_version, feed, period, "
        "bool_and(is_withdrawn) as is_withdrawn from restatements "
        f"where feed = 'satisfaction' and field != '{_ANSWERS}' group by all"
    )
    con.execute(f"delete from restatements where feed = 'satisfaction' and field != '{_ANSWERS}'")
    con.execute(
        "insert into restatements select data_version, feed, period, null, null, null, null, "
        f"'{_ANSWERS}', 'hidden', 'hidden', is_withdrawn from waves"
    )


# Of a survey only that a wave was restated: which cell changed, and from what to what, would tell
# what the few people said who answered late; and whether anything did, that a guess was right.
_ANSWERS = "answers"
_FIGURES_OF_ANSWERS = (
    *("invited", "respondents", "satisfied", "satisfied_share", "very_satisfied"),
    *("fairly_satisfied", "neither", "fairly_dissatisfied", "very_dissatisfied", "dont_know"),
)
_COLUMNS_OF_ANSWERS = f"period, service_id, council_id, {', '.join(_FIGURES_OF_ANSWERS)}"
_SURVEYS = f"""
insert into restatements
with before as (select {_COLUMNS_OF_ANSWERS} from {{before}}),
now as (select {_COLUMNS_OF_ANSWERS} from staging.satisfaction),
differing as ((from before except from now) union all (from now except from before))
select
    ?, 'satisfaction', period, null, null, null, null, '{_ANSWERS}', 'hidden', 'hidden',
    period not in (select period from now)
from differing
where period in (select period from before)
group by period
"""


def keep_earlier(con: duckdb.DuckDBPyConnection) -> None:
    """Take over the restatements of earlier loads from the snapshot attached as `before`."""
    con.execute(f"insert into restatements from before.restatements limit {_KEPT}")


def _text(field: str, table: str, feed: str) -> str:
    # 417.0 is a figure of the loader's; whoever quoted it wrote 417.
    shown = f"regexp_replace({table}.{name_sql(field)}::varchar, '\\.0$', '')"
    if feed == "performance" and field != "status":
        return (
            f"case when {table}.is_suppressed or lower({table}.status) = 'suppressed' "
            f"then 'suppressed' else {shown} end"
        )
    return shown


def _difference_sql(feed: str, figures: tuple[str, ...], version: str, before: str) -> str:
    key = FEEDS[feed].key
    same = " and ".join(f"o.{name_sql(k)} is not distinct from n.{name_sql(k)}" for k in key)
    period = next((k for k in key if k in ("period", "year", "from")), None)
    known = {"service_id", "council_id", "measure_id", period}
    rest = [k for k in key if k not in known]
    what = f"concat_ws(' · ', {', '.join(f'o.{name_sql(k)}' for k in rest)})" if rest else "null"

    def column(name: str) -> str:
        return f"o.{name}" if name in key else "null"

    when = f"o.{name_sql(period)}::varchar" if period else "null"
    parts = [
        f"select {text_sql(version)}, {text_sql(feed)}, {when}, {column('service_id')}, "
        f"{column('council_id')}, {column('measure_id')}, {what}, {text_sql(field)}, "
        f"{_text(field, 'o', feed)} as before, {_text(field, 'n', feed)} as after, "
        f"n.file_id is null "
        f"from {_rows_before(before, feed)} as o left join staging.{feed} as n on {same} "
        "where before is distinct from after"
        for field in figures
    ]
    return "insert into restatements " + " union all ".join(parts)


def _ledger_sql(version: str, before: str) -> str:
    """The ledger by month: a line that comes later changes the month's sum, and that is told."""
    key = "month, service_id, council_id, cost_type"

    def sums(workings: str) -> str:
        return f"select {key}, sum(amount_gbp) as amount from {workings}.ledger_sums group by all"

    return (
        f"insert into restatements select {text_sql(version)}, 'ledger', "
        "strftime(o.month, '%Y-%m'), o.service_id, o.council_id, null, o.cost_type, 'amount_gbp', "
        "o.amount::varchar as before, n.amount::varchar as after, n.month is null "
        f"from ({sums(before)}) as o left join ({sums('staging')}) as n on o.month = n.month "
        "and o.service_id = n.service_id and o.council_id = n.council_id "
        "and o.cost_type is not distinct from n.cost_type where before is distinct from after"
    )

"""How often a measure is due, read once from its `frequency`: as months, for all that asks it."""

import duckdb

from dashboard.load.account import FileAccount

READ = "monthly, quarterly, half-yearly (six-monthly) or annual (yearly)"

# The months from one figure to the next: "Monthly (provisional)", "every quarter", "6-monthly".
MACRO = """
create or replace temp macro months_due_every(said) as
    case
        when regexp_matches(lower(trim(said)), '^((per|every|each|once an?) )?((12|twelve)[ -]month|((financial|calendar|academic) )?(annual|year))')
            then 12
        when regexp_matches(lower(trim(said)), '^((per|every|each) )?((6|six)[ -]month|half|semi-?annual|bi-?annual|twice (a|per) year)')
            then 6
        when regexp_matches(lower(trim(said)), '^((per|every|each) )?((3|three)[ -]month|quarter)') then 3
        when regexp_matches(lower(trim(said)), '^((per|every|each|once a) )?month') then 1
    end
"""  # noqa: E501


def note_unread(con: duckdb.DuckDBPyConnection, accounts: dict[int, FileAccount]) -> None:
    """Say of each file of measures which of its words for how often are not read, and which are."""
    for file_id, count, said in con.execute(
        "select file_id, count(*), string_agg(distinct '''' || frequency || '''', ', ' order by "
        "'''' || frequency || '''') from staging.measures_rows where frequency is not null "
        "and months_due_every(frequency) is null and standing is null group by file_id"
    ).fetchall():
        of = "1 measure" if count == 1 else f"{count:,} measures"
        accounts[file_id].notes.append(
            f"frequency {said} of {of} is not read: no period is told to be due by it, and the "
            f"kind with most figures comes first; {READ} are read"
        )

"""Ledger files whose lines all stand in another file too: most likely one of them was sent twice.

A ledger has no key by which a line could be told from its twin, and two lines may well be alike.
But where every line of a file has its like in one other file, by month, service, council, cost type
and supplier, and they come to the same pounds and pence, nobody should have to find that out alone.
"""

import duckdb

from dashboard.load.account import FileAccount

# Of fewer lines it may be chance: two departments buy the same once.
_LINES_AT_LEAST = 5

_SAID = "every line of it stands in "


def note(con: duckdb.DuckDBPyConnection, accounts: dict[int, FileAccount]) -> None:
    """Say in the account of each ledger file that another holds all its lines; of two that are the
    same, in the one that comes later by name. What was said before is said anew."""
    for account in accounts.values():
        account.notes = [n for n in account.notes if _SAID not in n]
    for file_id, other_id, lines, amount in _held_by_others(con):
        account, other = accounts[file_id], accounts[other_id]
        account.notes.append(
            f"{_SAID}{other.file} too ({lines:,} lines, {amount:,.2f}), and is counted twice: if "
            "it was sent again, take one of them away"
        )


def _held_by_others(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    # The sums by supplier are few beside the lines, and made at each load anyway.
    parts = ("month", "service_id", "council_id", "cost_type", "supplier", "lines", "amount_gbp")
    same = " and ".join(f"a.{p} is not distinct from b.{p}" for p in parts)
    return con.execute(
        # Where each month has a file of its own nothing is left to be compared.
        "with shared as (select month from supplier_sums group by month "
        "having min(file_id) <> max(file_id)), "
        "these as (select s.* from supplier_sums as s semi join shared using (month)), "
        "whole as (select s.file_id, n.file, count(*) as sums, sum(lines) as lines, "
        "sum(amount_gbp) as amount_gbp from supplier_sums as s "
        "join file_names as n using (file_id) group by all), "
        "alike as (select a.file_id, b.file_id as other_id, count(*) as sums "
        f"from these as a join these as b on {same} and a.file_id <> b.file_id group by all) "
        "select w.file_id, min_by(o.file_id, o.file), any_value(w.lines), "
        "any_value(w.amount_gbp) from alike as s join whole as w "
        "on w.file_id = s.file_id and w.sums = s.sums join whole as o on o.file_id = s.other_id "
        # Of two that are the same, the later by name says so.
        "where (o.sums > w.sums or o.file < w.file) and w.lines >= "
        f"{_LINES_AT_LEAST} group by w.file_id order by w.file_id"
    ).fetchall()

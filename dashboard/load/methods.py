"""Methods of `dashboard/method/` that the SQL of the load asks for, so that each stands once."""

import duckdb

from dashboard.method import proportions
from dashboard.method.apportioning import apportion

_BOUNDS = "struct(low double, high double)"


def offer(con: duckdb.DuckDBPyConnection) -> None:
    """Make them functions of a connection, which has to be closed before the process ends.

    proportion_interval(share, of), change_interval(share, of, before, of_before) and
    apportion(pence, weights); null where any of what they are given is null.
    """
    con.create_function("proportion_interval", _interval, ["double", "double"], _BOUNDS)
    con.create_function("change_interval", _interval_of_change, ["double"] * 4, _BOUNDS)
    con.create_function("apportion", apportion, ["hugeint", "hugeint[]"], "hugeint[]")


def _interval(share: float, of: float) -> dict[str, float]:
    return dict(zip(("low", "high"), proportions.interval(share, of), strict=True))


def _interval_of_change(
    share: float, of: float, before: float, of_before: float
) -> dict[str, float]:
    found = proportions.interval_of_change(share, of, before, of_before)
    return dict(zip(("low", "high"), found, strict=True))

"""Small workspaces for tests of how files are read: one council, one service, two feeds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dashboard import settings
from dashboard.load import staging
from dashboard.load.publish import LoadReport
from dashboard.load.versions import snapshot_path, workings_path
from dashboard.settings import Workspace

LEDGER_FIELDS = [
    {"name": "date", "type": "date", "format": "any", "onesource": {"names": ["Date"]}},
    {"name": "service_id", "onesource": {"constant": "parks"}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "supplier", "onesource": {"names": ["Supplier"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Amount"]}},
]
MEASURE = {
    "measure_id": "calls",
    "service_id": "parks",
    "name": "Calls answered",
    "unit": "number",
    "good_direction": "higher",
}
FIGURE_FIELDS = [
    {"name": "period", "onesource": {"names": ["Month"]}},
    {"name": "service_id", "onesource": {"constant": "parks"}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "measure_id", "onesource": {"constant": "calls"}},
    {"name": "value", "type": "number", "onesource": {"names": ["Value"]}},
]


def ledger(**more: object) -> dict:
    return {"name": "ledger", "path": "*.csv", "schema": {"fields": LEDGER_FIELDS}} | more


def figures(**more: object) -> dict:
    return {"name": "performance", "path": "*.csv", "schema": {"fields": FIGURE_FIELDS}} | more


def package(*resources: dict) -> dict:
    return {
        "name": "small",
        "onesource": {"waive": ["definition", "owner_role"]},
        "resources": [{"name": "measures", "data": [MEASURE]}, *resources],
    }


def rows(workspace: Workspace, report: LoadReport, sql: str) -> list[tuple]:
    path = snapshot_path(workspace.warehouse, report.version)
    with duckdb.connect(str(path), read_only=True, config=settings.READER_CONFIG) as con:
        return con.execute(sql).fetchall()


@contextmanager
def both_files(warehouse: Path, version: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A snapshot as the loader sees it: what is shown, and its workings as `staging`."""
    with duckdb.connect() as con:
        con.execute(f"attach '{snapshot_path(warehouse, version)}' as shown (read_only)")
        con.execute("use shown")
        staging.attach(con, str(workings_path(warehouse, version)), read_only=True)
        yield con

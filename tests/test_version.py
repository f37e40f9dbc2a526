"""A data version names all that made it: exports, contract, code, and the settings of the load."""

import ast

import pytest

from dashboard import settings
from dashboard.load.publish import load
from tests.small_workspaces import ledger

# Read by the load and of no consequence for what a snapshot holds: where, how fast, how long, how
# many are kept. One that is read and stands in neither list fails the test below.
OF_NO_CONSEQUENCE = {
    *("ALL_UPLOADS_MEGABYTES", "SESSION_UPLOAD_MEGABYTES", "UPLOAD_MEGABYTES"),
    *("UPLOAD_HELD_SECONDS", "LONGEST_FILE_NAME"),
    *("DAYS_KEPT", "SNAPSHOTS_KEPT", "LOAD_WAIT_SECONDS", "TRIES_WHILE_FILES_CHANGE"),
    # Both readers find the same in a file (test_invariance, test_quick).
    *("FAST_READER_BYTES", "MEMORY_LIMIT", "MEMORY_LIMIT_OF_TEXT", "MUCH_TEXT_BYTES"),
    # The code in QUERIES is digested itself.
    *("QUERIES", "READER_CONFIG", "ROOT", "DECIDE_WHAT_IS_LOADED"),
}


def test_every_setting_that_the_load_reads_is_in_the_version_or_of_no_consequence():
    read = {
        node.attr
        for file in (settings.ROOT / "dashboard" / "load").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "settings"
        and node.attr.isupper()
    }
    assert set(settings.DECIDE_WHAT_IS_LOADED) <= read
    assert read - set(settings.DECIDE_WHAT_IS_LOADED) <= OF_NO_CONSEQUENCE


@pytest.mark.parametrize("name", settings.DECIDE_WHAT_IS_LOADED)
def test_the_same_exports_with_another_setting_are_another_version(plant, monkeypatch, name):
    workspace = plant(ledger(), ledger="Date,Supplier,Amount\n2018-01-05,Acme,10.00\n")
    before = load(workspace)
    assert load(workspace).version == before.version
    monkeypatch.setattr(settings, name, getattr(settings, name) + 1)
    after = load(workspace)
    assert after.published and after.version != before.version
    assert sum(f.loaded for f in after.files if f.feed == "ledger") == 1

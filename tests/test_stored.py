"""What the texts of rows read in bulk show is found by signs, whichever column they stand in."""

import duckdb
import pytest

from dashboard.load import bulk, stored, wording
from dashboard.load.contract import read_contract
from dashboard.load.staging import open_staging
from tests.small_workspaces import LEDGER_FIELDS, ledger

FIELDS = [
    LEDGER_FIELDS[0],
    {"name": "service_id"},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "supplier"},
    {"name": "description"},
    LEDGER_FIELDS[-1],
]
COLUMNS = ("service_id", "supplier", "description")


@pytest.fixture
def look(plant):
    """What is seen of two rows of a column, of which the second file is not asked for."""
    workspace = plant(ledger(schema={"fields": FIELDS}, onesource={"totals": ["Carried forward"]}))
    resource = next(r for r in read_contract(workspace.contract).resources if r.feed == "ledger")
    con = duckdb.connect()
    open_staging(con)

    def seen(column: str, text: str | None, other: str = "Alder") -> tuple[stored.Seen, set[int]]:
        con.execute(
            "create or replace table ledger (file_id integer, service_id varchar, "
            "council_id varchar, supplier varchar, description varchar)"
        )
        for file_id, said in ((1, "Alder"), (2, text), (3, other)):
            con.execute(f"insert into ledger (file_id, {column}) values (?, ?)", [file_id, said])
        where = "from ledger where file_id in (1, 2)"
        found = stored.look(con, resource, where, bulk._plain)
        return found, wording.files_with_labels(con, resource, where, found.labelled)

    return seen


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("text", ["Alder", "Café Ltd", "Sumner", "", None])
def test_an_ordinary_text_shows_nothing(look, column, text):
    nothing = stored.Seen(is_spaced=False, is_marked=False, labelled=frozenset())
    assert look(column, text, other=' "Total" ') == (nothing, set())


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("text", [" Alder", "Alder ", "Alder\u00a0", " "])
def test_spaces_around_a_text_are_seen(look, column, text):
    assert look(column, text)[0].is_spaced


@pytest.mark.parametrize("text", ["Adult  Care", "Adult\tCare", "Adult\u00a0Care", "Ad\u200bult"])
def test_spaces_within_are_seen_where_a_name_stands_and_only_there(look, text):
    assert look("service_id", text)[0].is_spaced
    assert not look("supplier", text)[0].is_spaced


@pytest.mark.parametrize("column", COLUMNS)
def test_a_quotation_mark_is_seen(look, column):
    seen, labelled = look(column, 'A 12" pipe')
    assert (seen.is_marked, seen.is_spaced, labelled) == (True, False, set())


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    "text",
    ["Total", "TOTAL:", "Grand total", "Sub-Total", "SUM", "Overall", "Parks Total", "Total Parks"],
)
def test_the_file_of_a_label_is_found(look, column, text):
    seen, labelled = look(column, text)
    assert (seen.labelled, labelled) == ({column}, {2})
    assert not seen.is_spaced


def test_a_label_of_the_contracts_is_found(look):
    assert look("supplier", "carried FORWARD.")[1] == {2}

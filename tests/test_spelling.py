"""A name in several spellings: spaces are made one, everything else is told with both."""

from decimal import Decimal

import duckdb
import pytest

from dashboard.load import told
from dashboard.load.publish import load, recorded
from dashboard.load.spelling import MACRO, folded, one_space
from tests.small_workspaces import LEDGER_FIELDS, ledger, rows

SPEND = ledger(
    schema={
        "fields": [
            LEDGER_FIELDS[0],
            {"name": "service_id", "onesource": {"names": ["Directorate"]}},
            {"name": "council_id", "onesource": {"names": ["Council"]}},
            {"name": "cost_type", "onesource": {"names": ["Category"]}},
            *LEDGER_FIELDS[3:],
        ]
    }
)
HEADER = "Date,Directorate,Council,Category,Supplier,Amount\n"

SPACED = (
    "Adult Social Care",
    "Adult  Social Care",
    "Adult\u00a0Social Care",
    "Adult Social Care\u00a0",
    "\u2009Adult Social\u202fCare",
    "Adult Social\u200b Care",
    "\ufeffAdult Social Care",
    '"Adult\tSocial Care "',
)


def test_spaces_of_every_kind_are_one_plain_space(plant, either_reader):
    lines = [f"2018-04-01,{name},Northby,Staff,Alder,{n}.00" for n, name in enumerate(SPACED, 1)]
    workspace = plant(SPEND, a="\n".join([HEADER.strip(), *lines, ""]))
    report = load(workspace)
    found = rows(workspace, report, "select service_id, sum(amount_gbp) from ledger group by 1")
    assert found == [("Adult Social Care", Decimal("36.00"))]
    assert report.alike == []


def test_suppliers_stand_as_published_and_are_told_where_spaces_differ(plant, either_reader):
    text = f"{HEADER}2018-04-01,Adults,Northby,Staff,Alder  Ltd,1.00\n"
    text += "2018-04-02,Adults,Northby,Staff,Alder Ltd,2.00\n"
    text += "2018-04-03,Adults,Northby,Staff,Alder\u00a0Ltd,3.00\n"
    workspace = plant(SPEND, a=text)
    report = load(workspace)
    assert len(rows(workspace, report, "select distinct supplier from ledger")) == 3
    assert told.of_alike(report) == [
        "supplier: 1 supplier is spelt in several ways, and each spelling is added up by itself: "
        "'Alder \u2423Ltd' (1 row), 'Alder Ltd' (1 row) and 'Alder\u2423Ltd' (1 row)"
    ]


def test_a_letter_put_together_of_parts_is_the_letter(plant, either_reader):
    text = f"{HEADER}2018-04-01,Cafe\u0301,Northby,Staff,Alder,1.00\n"
    text += "2018-04-02,Caf\u00e9,Northby,Staff,Alder,2.00\n"
    workspace = plant(SPEND, a=text)
    report = load(workspace)
    assert rows(workspace, report, "select service_id, count(*) from ledger group by 1") == [
        ("Caf\u00e9", 2)
    ]


def test_prose_stands_as_it_came(plant, either_reader):
    fields = [*LEDGER_FIELDS, {"name": "description", "onesource": {"names": ["Purpose"]}}]
    workspace = plant(
        ledger(schema={"fields": fields}),
        a="Date,Supplier,Amount,Purpose\n2018-04-01,Alder,5.00,two  spaces\n",
    )
    report = load(workspace)
    assert rows(workspace, report, "select description from ledger") == [("two  spaces",)]


def test_a_name_is_renamed_however_it_is_spaced(plant, either_reader):
    fields = [
        LEDGER_FIELDS[0],
        {
            "name": "service_id",
            "onesource": {"names": ["Directorate"], "values": {"Adult  care": "adults"}},
        },
        *LEDGER_FIELDS[2:],
    ]
    workspace = plant(
        ledger(schema={"fields": fields}),
        a="Date,Directorate,Supplier,Amount\n2018-04-01,Adult\u00a0care,Alder,5.00\n",
    )
    report = load(workspace)
    assert rows(workspace, report, "select service_id from ledger") == [("adults",)]


def test_names_that_differ_by_case_are_told_with_their_rows_and_the_word_that_makes_them_one(
    plant, either_reader
):
    text = HEADER + (
        "2018-04-01,Adult Social Care,Northby,Agency Staff,ALDER PRINT LTD,100.00\n"
        "2018-04-02,Adult social care,Northby,Agency staff,Alder Print Ltd,50.00\n"
        "2018-04-03,Adult Social Care,NORTHBY,Agency Staff,Alder Print Ltd.,25.00\n"
    )
    workspace = plant(SPEND, a=text)
    report = load(workspace)
    assert told.of_alike(report) == [
        "cost_type: 'Agency Staff' (2 rows) and 'Agency staff' (1 row) look like one name and are "
        "read as 2; if they are one, the contract says so: "
        '"values": {"Agency staff": "Agency Staff"}',
        "council_id: 'Northby' (2 rows) and 'NORTHBY' (1 row) look like one name and are read as "
        '2; if they are one, the contract says so: "values": {"NORTHBY": "Northby"}',
        "service_id: 'Adult Social Care' (2 rows) and 'Adult social care' (1 row) look like one "
        "name and are read as 2; if they are one, the contract says so: "
        '"values": {"Adult social care": "Adult Social Care"}',
        "supplier: 1 supplier is spelt in several ways, and each spelling is added up by itself: "
        "'ALDER PRINT LTD' (1 row), 'Alder Print Ltd' (1 row) and 'Alder Print Ltd.' (1 row)",
    ]
    assert told.of_alike(report)[0] in told.as_lines(report)
    assert told.as_json(report)["alike"] == report.alike
    assert recorded(workspace.warehouse, report.version).alike == report.alike


def test_what_is_told_does_not_depend_on_files_their_order_or_when_they_came(plant, either_reader):
    lines = [
        "2018-04-01,Adults,Northby,Staff,Alder,1.00\n",
        "2018-04-02,ADULTS,Northby,Staff,Alder,2.00\n",
        "2018-04-03,adults,Northby,Staff,Alder,3.00\n",
        "2018-04-04,Adults,Northby,Staff,Alder,4.00\n",
    ]
    workspace = plant(SPEND, whole=HEADER + "".join(lines))
    at_once = load(workspace).alike
    (workspace.data / "whole.csv").unlink()
    for n, line in enumerate(reversed(lines)):
        (workspace.data / f"{n}.csv").write_text(HEADER + line)
        in_parts = load(workspace).alike
    assert in_parts == at_once
    assert [(a["name"], a["rows"]) for a in at_once] == [
        ("Adults", 2),
        ("ADULTS", 1),
        ("adults", 1),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Non-Departmental and Port", "Non Departmental & Port"),
        ("Children’s Services", "Children's services"),
        ("Street–scene", "Street-Scene"),
        ("adult_social_care", "Adult Social Care"),
        ("ICT", "\u0406\u0421\u0422"),
        ("Northby", "N\u043erthby"),
        ("HR", "\u0397R"),
        ("Office", "O\ufb03ce"),
        ("Finance", "\uff26inance"),
        ("Caf\u00e9", "Cafe"),
        ("Northby Ltd", "NORTHBY LTD."),
    ],
)
def test_spellings_of_one_name_look_alike(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.1", "11"),
        ("NI 1-2", "NI 12"),
        ("£m", "m"),
        ("%", "share"),
        ("Team A", "Team B"),
        ("C+", "C"),
    ],
)
def test_names_that_differ_in_what_they_say_do_not(one, other):
    assert folded(one) != folded(other)


def test_python_and_sql_make_the_same_of_spaces():
    names = [*SPACED, "Cafe\u0301", "a \nb", " x", "", "\u00a0", "£1  m", "\u3000x\u00ady"]
    with duckdb.connect() as con:
        con.execute(MACRO)
        said = [con.execute("select trim(one_space(?))", [n]).fetchall()[0][0] for n in names]
    assert said == [one_space(n) for n in names]

"""Exports into a snapshot: what is read, what is set aside; every line is accounted for."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboard import settings
from dashboard.load.contract import ContractError, read_contract
from dashboard.load.publish import LoadRefused, load
from dashboard.load.versions import current_version, snapshot_path
from dashboard.settings import Workspace

SERVICES = "service_id,name\nict,ICT\nhr,HR & OD\n"
COUNCILS = "council_id,name,kind\nhavering,Havering,council\nbexley,Bexley,council\n"
MEASURES = (
    "measure_id,service_id,name,unit,good_direction,frequency,cumulative\n"
    "fix,ict,Fixed at first contact,%,higher,monthly,false\n"
)
PERFORMANCE = "period,service_id,council_id,measure_id,value,numerator,denominator,status\n"


def _field(name: str, kind: str = "string", **ours: object) -> dict:
    return {"name": name, "type": kind, **({"onesource": ours} if ours else {})}


def _contract(**more: dict) -> dict:
    names = {
        "services": [_field("service_id"), _field("name")],
        "councils": [_field("council_id"), _field("name"), _field("kind")],
        "measures": [
            *(_field(n) for n in ("measure_id", "service_id", "name", "unit", "good_direction")),
            _field("frequency"),
            _field("cumulative", "boolean"),
        ],
        "performance": [
            *(_field(n) for n in ("period", "service_id", "council_id", "measure_id")),
            _field("value", "number", suppressed=["<5"]),
            _field("numerator", "number"),
            _field("denominator", "number"),
            _field("status"),
        ],
    }
    resources = [
        {"name": n, "path": f"{n}*.csv", "schema": {"fields": f, "missingValues": ["", "-", "N/A"]}}
        for n, f in names.items()
    ]
    package = {
        "name": "small",
        "title": "Small",
        "onesource": {"waive": ["definition", "owner_role"]},
        "resources": resources,
    }
    for name, change in more.items():
        existing = next((r for r in resources if r["name"] == name), None)
        if existing:
            existing.update(change)
        else:
            resources.append({"name": name, **change})
    return package


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    data = tmp_path / "data"
    data.mkdir()
    for name, text in (("services", SERVICES), ("councils", COUNCILS), ("measures", MEASURES)):
        (data / f"{name}.csv").write_text(text)
    (data / "datapackage.json").write_text(json.dumps(_contract()))
    return Workspace(data, data / "datapackage.json", tmp_path / "warehouse")


def _write(workspace: Workspace, name: str, text: str | bytes) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    (workspace.data / name).write_bytes(raw)


def _rows(workspace: Workspace, sql: str) -> list[tuple]:
    version = current_version(workspace.warehouse)
    with duckdb.connect(str(snapshot_path(workspace.warehouse, version)), read_only=True) as con:
        return con.execute(sql).fetchall()


def _account(report, file: str):
    return next(f for f in report.files if f.file == file)


def test_a_clean_export_is_loaded_whole(workspace):
    _write(workspace, "performance.csv", PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n")
    report = load(workspace)
    assert report.is_clean and report.published
    assert _rows(workspace, "select month, council_id, value, status from performance") == [
        (date(2018, 3, 1), "bexley", 50.0, "final")
    ]


def test_columns_are_bound_by_name_whatever_their_order_case_or_spacing(workspace):
    _write(
        workspace,
        "performance.csv",
        "Status,VALUE,Council ID,Measure_ID,service id,Period,Denominator,Numerator\n"
        "final,50,bexley,fix,ict,Mar-18,2,1\n",
    )
    load(workspace)
    assert _rows(
        workspace, "select council_id, value, numerator, denominator from performance"
    ) == [("bexley", 50.0, 1.0, 2.0)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"1,234.5"', 1234.5),
        ("£12", 12.0),
        ("(7)", -7.0),
        ("7-", -7.0),
        ("95.4%", 95.4),
        ("1e3", 1000.0),
        (" 5 ", 5.0),
    ],
)
def test_numbers_are_read_as_councils_write_them(workspace, text, value):
    _write(workspace, "measures.csv", MEASURES.replace("%", "points"))
    _write(workspace, "performance.csv", PERFORMANCE + f"2018-03,ict,bexley,fix,{text},,,final\n")
    load(workspace)
    assert _rows(workspace, "select value from performance") == [(value,)]


def test_missing_is_not_zero_and_suppressed_stays_suppressed(workspace):
    _write(
        workspace,
        "performance.csv",
        PERFORMANCE
        + "2018-01,ict,bexley,fix,-,,,final\n"
        + "2018-02,ict,bexley,fix,<5,3,9,final\n"
        + "2018-03,ict,bexley,fix,40,2,5,suppressed\n",
    )
    load(workspace)
    assert _rows(
        workspace, "select value, numerator, denominator, status from performance order by month"
    ) == [
        (None, None, None, "missing"),
        (None, None, None, "suppressed"),
        (None, None, None, "suppressed"),
    ]


def test_a_row_that_is_wrong_is_set_aside_with_file_line_column_value_and_reason(workspace):
    _write(
        workspace,
        "performance.csv",
        PERFORMANCE
        + "2018-03,ict,bexley,fix,50,1,2,final\n"
        + "2018-03,ict,havering,fix,fifty,1,2,final\n"
        + "TBC,ict,bexley,fix,50,1,2,final\n"
        + "2018-02,ict,camden,fix,50,1,2,final\n",
    )
    report = load(workspace)
    account = _account(report, "performance.csv")
    assert (account.read, account.loaded, account.set_aside, account.skipped) == (4, 1, 3, {})
    told = [(p["line"], p["field"], p["value"], p["reason"]) for p in report.problems]
    assert told == [
        (3, "value", "fifty", "not a number"),
        (4, "period", "TBC", "not a month, quarter or year"),
        (5, "council_id", "camden", "unknown: no row of councils has this council_id"),
    ]
    assert report.problems[0]["row_text"] == "2018-03,ict,havering,fix,fifty,1,2,final"
    assert len(_rows(workspace, "from set_aside")) == 3


def test_every_line_is_accounted_for(workspace):
    _write(
        workspace,
        "performance.csv",
        "Performance return,,,,,,,\n\n"
        + PERFORMANCE
        + "2018-03,ict,bexley,fix,50,1,2,final\n"
        + ",,,,,,,\n"
        + PERFORMANCE
        + "2018-03,ict,bexley,fix,50,1,2,final\n"
        + "2018-02,ict,bexley,fix,x,1,2,final\n",
    )
    account = _account(load(workspace), "performance.csv")
    assert account.header_lines == 3
    assert account.read == 5
    assert account.loaded == 1
    assert account.set_aside == 1
    assert account.skipped == {"blank": 1, "header again": 1, "repeat": 1}
    assert account.adds_up()


def test_rows_that_contradict_each_other_are_all_set_aside(workspace):
    _write(workspace, "performance-1.csv", PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n")
    _write(workspace, "performance-2.csv", PERFORMANCE + "2018-03,ict,bexley,fix,60,3,5,final\n")
    report = load(workspace)
    assert _rows(workspace, "select count(*) from performance") == [(0,)]
    assert [(p["file"], p["line"]) for p in report.problems] == [
        ("performance-1.csv", 2),
        ("performance-2.csv", 2),
    ]


def test_the_same_row_in_two_files_is_loaded_once(workspace):
    row = PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n"
    _write(workspace, "performance-1.csv", row)
    _write(workspace, "performance-2.csv", row + "2018-04,ict,bexley,fix,50,1,2,final\n")
    report = load(workspace)
    assert _rows(workspace, "select count(*) from performance") == [(2,)]
    assert _account(report, "performance-2.csv").skipped == {"repeat": 1}


def test_the_same_file_under_another_name_is_read_once(workspace):
    row = PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n"
    _write(workspace, "performance-1.csv", row)
    _write(workspace, "performance-2.csv", row)
    account = _account(load(workspace), "performance-2.csv")
    assert account.skipped == {"the same file as performance-1.csv": 2}
    assert (account.read, account.loaded, account.lines) == (2, 0, 2)


def test_a_figure_of_a_council_that_was_not_served_is_set_aside(workspace):
    contract = _contract(
        memberships={
            "path": "memberships.csv",
            "schema": {"fields": [_field(n) for n in ("service_id", "council_id", "from", "to")]},
        }
    )
    workspace.contract.write_text(json.dumps(contract))
    _write(workspace, "memberships.csv", "service_id,council_id,from,to\nict,bexley,2016-04,\n")
    _write(
        workspace,
        "performance.csv",
        PERFORMANCE + "2016-03,ict,bexley,fix,50,1,2,final\n2016-04,ict,bexley,fix,50,1,2,final\n",
    )
    report = load(workspace)
    assert [p["reason"] for p in report.problems] == ["bexley was not served by ict in March 2016"]
    assert _rows(workspace, "select period from performance") == [("2016-04",)]


@pytest.mark.parametrize(
    "raw",
    [
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").encode("utf-8-sig"),
        (PERFORMANCE + "2018-03,ict,bexley,fix,£50,1,2,final\n").encode("cp1252"),
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").encode("utf-16"),
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").replace("\n", "\r").encode(),
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").replace("\n", "\r\n").encode(),
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").replace(",", ";").encode(),
        (PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n").replace(",", "\t").encode(),
    ],
    ids=["mark", "cp1252", "utf-16", "bare CR", "CRLF", "semicolons", "tabs"],
)
def test_encodings_line_ends_and_delimiters_are_recognised(workspace, raw):
    _write(workspace, "performance.csv", raw)
    report = load(workspace)
    assert report.is_clean
    assert _rows(workspace, "select value from performance") == [(50.0,)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("<!DOCTYPE html><html><body>502</body></html>", "this is a web page"),
        ("a,b\n1,2\n", "no header row found"),
        ("period,service_id,council_id\n2018-03,ict,bexley\n", "the header lacks 'measure_id'"),
        (
            PERFORMANCE + "2010-11,ict,bexley,fix,50,1,2,final\n",
            "can be read as November 2010 or as April 2010 to March 2011",
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_and_the_old_data_serves_on(workspace, text, reason):
    _write(workspace, "performance.csv", PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n")
    before = load(workspace).version
    _write(workspace, "performance.csv", text)
    with pytest.raises(LoadRefused, match=reason):
        load(workspace)
    assert current_version(workspace.warehouse) == before
    assert _rows(workspace, "select count(*) from performance") == [(1,)]
    assert list(workspace.warehouse.glob("building-*")) == []


def test_of_several_files_only_the_ambiguous_one_is_refused(workspace):
    _write(workspace, "performance-1.csv", PERFORMANCE + "Q1 2018,ict,bexley,fix,50,1,2,final\n")
    two_lines = PERFORMANCE + '2018-03,ict,bexley,fix,50,1,2,"final\n"\n'
    _write(workspace, "performance-2.csv", two_lines)
    with pytest.raises(LoadRefused) as refusal:
        load(workspace)
    refused = [f.file for f in refusal.value.report.files if f.refused]
    assert refused == ["performance-1.csv"]


def test_loading_again_what_has_not_changed_does_nothing(workspace):
    first = load(workspace)
    second = load(workspace)
    assert second.already_current and not second.published
    assert second.version == first.version
    assert [f.file for f in second.files] == [f.file for f in first.files]


def test_a_changed_export_is_a_new_version_and_the_old_snapshot_is_kept(workspace):
    _write(workspace, "performance.csv", PERFORMANCE + "2018-03,ict,bexley,fix,50,1,2,final\n")
    first = load(workspace).version
    _write(workspace, "performance.csv", PERFORMANCE + "2018-03,ict,bexley,fix,51,1,2,final\n")
    second = load(workspace).version
    assert first != second
    assert snapshot_path(workspace.warehouse, first).exists()


def test_at_most_a_set_number_of_snapshots_is_kept(workspace):
    for value in range(settings.SNAPSHOTS_KEPT + 3):
        _write(
            workspace,
            "performance.csv",
            PERFORMANCE + f"2018-03,ict,bexley,fix,{value},,,final\n",
        )
        newest = load(workspace).version
    kept = list(workspace.warehouse.glob("snapshot-*.duckdb"))
    assert len(kept) == settings.SNAPSHOTS_KEPT
    assert snapshot_path(workspace.warehouse, newest) in kept


LEDGER = "date,service_id,council_id,cost_type,supplier,description,amount_gbp\n"


def _with_ledger(workspace: Workspace, date_format: str = "default") -> None:
    fields = [
        {"name": "date", "type": "date", "format": date_format},
        *(_field(n) for n in ("service_id", "council_id", "cost_type", "supplier", "description")),
        _field("amount_gbp", "number"),
    ]
    contract = _contract(ledger={"path": "ledger*.csv", "schema": {"fields": fields}})
    workspace.contract.write_text(json.dumps(contract))


def _ledger(workspace: Workspace) -> list[tuple]:
    return _rows(
        workspace,
        "select date, service_id, council_id, cost_type, supplier, description, amount_gbp "
        "from ledger order by all",
    )


def test_the_quick_reader_and_the_careful_one_read_the_same(workspace, monkeypatch):
    _with_ledger(workspace)
    lines = [
        f'2018-03-{1 + i % 28:02d},ict,bexley,Premises, Firm {i % 7} ,"a, ""b""",{i}.{i % 100:02d}'
        for i in range(500)
    ]
    _write(workspace, "ledger.csv", LEDGER + "\n".join(lines) + "\n")
    load(workspace)
    careful = _ledger(workspace)
    monkeypatch.setattr(settings, "FAST_READER_BYTES", 0)
    workspace.contract.write_text(workspace.contract.read_text() + "\n")
    report = load(workspace)
    assert _rows(workspace, "select count(*) from ledger where line is null") == [(500,)]
    assert _ledger(workspace) == careful
    assert sum((r[6] for r in careful), Decimal(0)) == sum(
        (Decimal(f"{i}.{i % 100:02d}") for i in range(500)), Decimal(0)
    )
    assert _account(report, "ledger.csv").loaded == 500


@pytest.mark.parametrize(
    "bad",
    [
        "2018-03-01,ict,bexley,Premises,Firm,x,twelve",
        "2018-03-01,ict,bexley,Premises,Firm,x,12.345",
        "01/03/2018,ict,bexley,Premises,Firm,x,12.00",
        "2018-03-01,ict,camden,Premises,Firm,x,12.00",
        "2018-03-01,ict,,Premises,Firm,x,12.00",
    ],
)
def test_one_bad_line_sends_a_large_file_to_the_careful_reader(workspace, monkeypatch, bad):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", 0)
    _with_ledger(workspace)
    good = "2018-03-01,ict,bexley,Premises,Firm,x,12.00"
    _write(workspace, "ledger.csv", LEDGER + f"{good}\n{bad}\n{good}\n")
    report = load(workspace)
    account = _account(report, "ledger.csv")
    assert (account.read, account.loaded, account.set_aside) == (3, 2, 1)
    assert [p["line"] for p in report.problems] == [3]


def test_money_keeps_its_pence_and_a_spreadsheets_residue_is_rounded_away(workspace):
    _with_ledger(workspace)
    _write(
        workspace,
        "ledger.csv",
        LEDGER
        + "2018-03-01,ict,bexley,Premises,Firm,x,9.3699999999999992\n"
        + '2018-03-01,ict,bexley,Premises,Firm,y,"£1,234,567.89"\n'
        + "2018-03-01,ict,bexley,Premises,Firm,z,(0.10)\n",
    )
    load(workspace)
    assert [r[6] for r in _ledger(workspace)] == [
        Decimal("9.37"),
        Decimal("1234567.89"),
        Decimal("-0.10"),
    ]


def test_dates_follow_the_contracts_format(workspace):
    _with_ledger(workspace, "%d/%m/%Y")
    _write(workspace, "ledger.csv", LEDGER + "04/05/2017,ict,bexley,Premises,Firm,x,1.00\n")
    load(workspace)
    assert _ledger(workspace)[0][0] == date(2017, 5, 4)


def test_a_target_in_force_judges_each_period_by_its_own_rule(workspace):
    contract = _contract(
        targets={
            "path": "targets.csv",
            "schema": {
                "fields": [
                    *(_field(n) for n in ("measure_id", "council_id", "from", "to", "rule")),
                    _field("target", "number"),
                    _field("tolerance", "number"),
                ]
            },
        }
    )
    workspace.contract.write_text(json.dumps(contract))
    _write(
        workspace,
        "targets.csv",
        "measure_id,council_id,from,to,target,tolerance,rule\n"
        "fix,,2018-01,2018-01,60,10,percent_of_target\n"
        "fix,,2018-02,2018-02,60,2,points\n"
        "fix,,2018-03,,60,,no_tolerance\n"
        "fix,havering,2018-03,,40,,no_tolerance\n",
    )
    rows = [
        *(("2018-01", "bexley", v) for v in (55,)),
        *(("2018-01", "havering", v) for v in (53.9,)),
        *(("2018-02", "bexley", v) for v in (58,)),
        *(("2018-02", "havering", v) for v in (57.9,)),
        *(("2018-03", "bexley", v) for v in (59.9,)),
        *(("2018-03", "havering", v) for v in (40,)),
    ]
    _write(
        workspace,
        "performance.csv",
        PERFORMANCE + "".join(f"{p},ict,{c},fix,{v},,,final\n" for p, c, v in rows),
    )
    load(workspace)
    assert _rows(
        workspace, "select period, council_id, verdict from performance order by period, council_id"
    ) == [
        ("2018-01", "bexley", "close"),
        ("2018-01", "havering", "off target"),
        ("2018-02", "bexley", "close"),
        ("2018-02", "havering", "off target"),
        ("2018-03", "bexley", "off target"),
        ("2018-03", "havering", "on target"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resources": "none"}, "a data package is an object with a list of 'resources'"),
        (
            {"resources": [{"name": "perf", "path": "p.csv"}]},
            "there is no feed 'perf'",
        ),
        (
            {
                "resources": [
                    {"name": "services", "path": "../secret.csv", "schema": {"fields": []}}
                ]
            },
            "path '../secret.csv' leaves the workspace folder",
        ),
        (
            {
                "resources": [
                    {"name": "services", "path": "s.csv", "schema": {"fields": [_field("name")]}}
                ]
            },
            "feed 'services' needs the field(s) service_id",
        ),
        (
            {
                "resources": [
                    {"name": "services", "path": "s.csv", "schema": {"fields": [_field("colour")]}}
                ]
            },
            "field 'colour': the feed has no such field",
        ),
    ],
)
def test_a_wrong_contract_says_what_is_wrong_and_where(tmp_path, change, message):
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps(change))
    with pytest.raises(ContractError) as raised:
        read_contract(path)
    assert message in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_contract_that_is_not_there_or_not_json_says_so(tmp_path):
    with pytest.raises(ContractError, match="no contract can be read here"):
        read_contract(tmp_path / "datapackage.json")
    (tmp_path / "datapackage.json").write_text("{")
    with pytest.raises(ContractError, match="not JSON"):
        read_contract(Path(tmp_path / "datapackage.json"))


def test_a_ledger_line_that_is_set_aside_keeps_its_original_text(workspace):
    _with_ledger(workspace)
    bad = "2018-03-01,ict,camden,Premises,Firm,x,12.00"
    _write(workspace, "ledger.csv", LEDGER + bad.replace("camden", "bexley") + "\n" + bad + "\n")
    (problem,) = load(workspace).problems
    assert (problem["line"], problem["row_text"]) == (3, bad)


def test_one_bad_file_of_many_large_ones_does_not_cost_the_others_their_place(
    workspace, monkeypatch
):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", 0)
    _with_ledger(workspace)
    good = "2018-03-01,ict,bexley,Premises,Firm,x,12.00\n"
    _write(workspace, "ledger-1.csv", LEDGER + good)
    _write(workspace, "ledger-2.csv", LEDGER + good + good.replace("12.00", "n/k"))
    _write(workspace, "ledger-3.csv", LEDGER + good + good)
    report = load(workspace)
    told = {f.file: (f.read, f.loaded, f.set_aside) for f in report.files if f.feed == "ledger"}
    assert told == {
        "ledger-1.csv": (1, 1, 0),
        "ledger-2.csv": (2, 1, 1),
        "ledger-3.csv": (2, 2, 0),
    }


_MESSY_LINES = [
    f"{1 + i % 28:02d}/03/2018,ict,bexley,Premises,{' Firm' if i % 2 else 'Firm '} {i % 7},"
    f'"a, ""b""","£{1000 + i:,}.{i % 100:02d}"'
    for i in range(600)
]


@pytest.mark.parametrize(
    ("firm", "encoding"),
    [
        ("Café £ Ltd", "latin-1"),
        ("King’s – Ltd", "cp1252"),
        ("Zoë Ltd", "utf-8"),
        ("Zoë Ltd", "utf-16"),
        ("CafÃ© Ltd", "cp1252"),
    ],
)
def test_large_messy_exports_are_read_as_small_ones_are(workspace, monkeypatch, firm, encoding):
    _with_ledger(workspace, "any")
    text = "Payments over £500,,,,,,\r\n\r\n" + LEDGER.strip() + "\r\n"
    text += "\r\n".join([*_MESSY_LINES, f"01/03/2018,ict,bexley,Premises,{firm},x,(5.00)"])
    total = sum(Decimal(1000 + i) + Decimal(i % 100) / 100 for i in range(600)) - 5
    text += f'\r\nTotal,,,,,,"£{total:,.2f}"\r\n\r\nSource: ledger,,,,,,\r\n'
    _write(workspace, "ledger.csv", text.encode(encoding))
    told = []
    for size, place in ((10**9, "careful"), (1, "quick")):
        monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
        one = Workspace(workspace.data, workspace.contract, workspace.warehouse / place)
        account = _account(load(one), "ledger.csv")
        (money,) = account.reconciled
        told.append(
            (_ledger(one), account.lines, account.header_lines, account.read, account.loaded,
             account.skipped, account.set_aside, money)
        )  # fmt: skip
    assert told[0] == told[1]
    assert told[0][4] == 601 and told[0][5] == {"total": 1, "note": 1, "blank": 1}
    assert told[0][7].difference == 0 and told[0][7].loaded == total
    assert firm in {row[4] for row in told[0][0]} or encoding == "cp1252"


def test_large_messy_exports_of_one_layout_are_read_together_and_as_each_would_be_alone(
    workspace, monkeypatch
):
    _with_ledger(workspace, "any")
    middle = len(_MESSY_LINES) // 2
    firms = {
        "plain": "Firm 1",
        "latin": "Café £ Ltd",
        "curly": "King’s – Ltd",
        "both": "CafÃ© Ltd",
        "bad": "Firm 2",
    }
    for name, firm in firms.items():
        lines = [*_MESSY_LINES]
        amount = "n/k" if name == "bad" else "(5.00)"
        lines.insert(middle, f"01/03/2018,ict,bexley,Premises,{firm} {name},x,{amount}")
        text = "Payments,,,,,,\r\n" + LEDGER + "\r\n".join(lines) + "\r\n"
        _write(workspace, f"ledger-{name}.csv", text.encode("cp1252"))
    told = []
    for size, place in ((10**9, "careful"), (1, "quick")):
        monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
        one = Workspace(workspace.data, workspace.contract, workspace.warehouse / place)
        report = load(one)
        accounts = {
            f.file: (f.read, f.loaded, f.set_aside, f.encoding, f.reconciled)
            for f in report.files
            if f.feed == "ledger"
        }
        told.append((_ledger(one), accounts, [(p["file"], p["line"]) for p in report.problems]))
    assert told[0] == told[1]
    assert told[0][2] == [("ledger-bad.csv", middle + 3)]
    firms_read = {row[4] for row in told[0][0]}
    assert {"Café £ Ltd latin", "King’s – Ltd curly", "Café Ltd both"} <= firms_read


@pytest.mark.parametrize("size", [1, 10**9])
def test_two_like_headings_are_refused_whichever_way_a_file_is_read(workspace, monkeypatch, size):
    monkeypatch.setattr(settings, "FAST_READER_BYTES", size)
    _with_ledger(workspace)
    head = LEDGER.strip() + ",Amount GBP\n"
    _write(workspace, "ledger.csv", head + "2018-03-01,ict,bexley,Premises,Firm,x,12.00,13.00\n")
    with pytest.raises(LoadRefused, match="stands over columns 7 and 8"):
        load(workspace)

"""From a service down to its ledger lines, on a ledger that can be added up by eye.

April 2017   ict    bexley   Staff     Payroll                100.00
April 2017   ict    bexley   Licences  Acme                    40.10
April 2017   ict    newham   Licences  Acme                    20.20
May 2017     ict    bexley   Licences  <b>Bold & Sons</b>     -70.05
May 2017     parks  newham   (none)    (none)                   5.00
"""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from dashboard import settings, warehouse
from dashboard.exhibits import costs, spending
from dashboard.exhibits.exhibit import Link
from dashboard.load.publish import load
from dashboard.render import text
from dashboard.settings import Workspace
from dashboard.warehouse import fetch

BOTH = ("bexley", "newham")
YEAR = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}
FIELDS = {
    "services": "service_id name",
    "councils": "council_id name",
    "ledger": "date service_id council_id cost_type supplier description amount_gbp",
    "costs": "period service_id council_id cost_type budget_gbp actual_gbp",
}
APRIL = (
    "2017-04-03,ict,bexley,Staff,Payroll,Pay,100.00\n"
    "2017-04-04,ict,bexley,Licences,Acme,Seats,40.10\n"
    "2017-04-05,ict,newham,Licences,Acme,Seats,20.20\n"
)
EVIL = "<b>Bold & Sons</b>"
MAY = (
    f"2017-05-06,ict,bexley,Licences,{EVIL},Refund,-70.05\n2017-05-07,parks,newham,,,=cmd(),5.00\n"
)
COSTS = (
    "2017-04,ict,bexley,Staff,90.00,100.00\n"
    "2017-04,ict,bexley,Licences,50.00,40.10\n"
    "2017-04,ict,newham,Licences,10.00,20.20\n"
    "2017-05,ict,bexley,Licences,0.00,-70.05\n"
    "2017-05,parks,newham,,4.00,5.00\n"
)


class Small:
    """A small workspace: its ledger's months can be written, and it can be loaded again."""

    def __init__(self, root, has_costs: bool) -> None:
        self.data = root / "data"
        (self.data / "ledger").mkdir(parents=True)
        resources = []
        for feed, fields in FIELDS.items():
            if feed == "costs" and not has_costs:
                continue
            given = [{"name": f, "type": self._type(f)} for f in fields.split()]
            path = "ledger/*.csv" if feed == "ledger" else f"{feed}.csv"
            resources.append({"name": feed, "path": path, "schema": {"fields": given}})
        self.write("services.csv", "services", "ict,ICT\nparks,Parks\n")
        self.write("councils.csv", "councils", "bexley,Bexley\nnewham,Newham\n")
        if has_costs:
            self.write("costs.csv", "costs", COSTS)
        contract = {"name": "small", "resources": resources}
        (self.data / "datapackage.json").write_text(json.dumps(contract))
        self.workspace = Workspace(self.data, self.data / "datapackage.json", root / "warehouse")

    @staticmethod
    def _type(field: str) -> str:
        return "number" if field.endswith("_gbp") else "date" if field == "date" else "string"

    def write(self, name: str, feed: str, rows: str) -> None:
        (self.data / name).write_text(FIELDS[feed].replace(" ", ",") + "\n" + rows)

    def load(self) -> None:
        assert load(self.workspace).is_clean

    def sums(self) -> dict:
        """What the suppliers' sums come to, by all that tells them apart."""
        sql = (
            "select month, service_id, council_id, cost_type, supplier, "
            "sum(lines)::bigint, sum(amount_gbp) from supplier_monthly group by all"
        )
        return self._ask(sql)

    def of_the_lines(self) -> dict:
        """The same, of the lines themselves."""
        sql = (
            "select date_trunc('month', date)::date, service_id, council_id, "
            "coalesce(cost_type, ''), coalesce(supplier, ''), count(*), sum(amount_gbp) "
            "from ledger group by all"
        )
        return self._ask(sql)

    def _ask(self, sql: str) -> dict:
        version = warehouse.version(self.workspace)
        with warehouse._open(self.workspace.warehouse, version).cursor() as con:
            return {row[:5]: row[5:] for row in con.execute(sql).fetchall()}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Such a workspace, which fetch and exhibits answer from."""

    def made(has_costs: bool = True) -> Small:
        one = Small(tmp_path, has_costs)
        one.write("ledger/2017-04.csv", "ledger", APRIL)
        one.write("ledger/2017-05.csv", "ledger", MAY)
        for name in ("data", "contract", "warehouse"):
            monkeypatch.setenv(name.upper(), str(getattr(one.workspace, name)))
        return one

    return made


def _of(**chosen) -> dict:
    base = {"service_id": None, "council_ids": BOTH, "cost_type": None, "supplier": None}
    return {**base, **YEAR, **chosen}


def _said(table) -> list[list[str]]:
    return [["; ".join(t for t, _ in c.lines) for c in row] for row in table.rows]


def _follow(link: Link) -> dict[str, str]:
    assert link.page == "spending"
    return dict(parse_qsl(text.href(link).partition("?")[2]))


def test_a_service_leads_to_its_cost_types_its_suppliers_and_their_lines(small):
    small().load()
    top = spending.down_to_lines(**_of())
    assert [e.name for e in top] == ["spending.parts", "spending.suppliers"]
    assert _said(top[0].table)[0] == [
        "Parks", "£5.00", "£4.00", "£1.00 over", "£5.00", "1",
    ]  # fmt: skip
    ict = next(row[0] for row in top[0].table.rows if row[0].lines[0][0] == "ICT")
    assert _follow(ict.link) == {"service": "ICT"}

    parts, suppliers, lines = spending.down_to_lines(**_of(service_id="ict"))
    assert parts.title == "ICT: £90.25 spent, £59.75 (40%) under; most over: Staff £10"
    assert "The ledger agrees to the penny." in parts.subtitle
    assert _said(parts.table) == [
        ["Staff", "£100.00", "£90.00", "£10.00 over", "£100.00", "1"],
        ["Licences", "−£9.75", "£60.00", "£69.75 under", "−£9.75", "3"],
        ["Together", "£90.25", "£150.00", "£59.75 under", "£90.25", "4"],
    ]
    assert _follow(parts.table.rows[1][0].link) == {"service": "ICT", "cost_type": "Licences"}

    suppliers, lines = spending.down_to_lines(**_of(service_id="ict", cost_type="Licences"))
    assert _said(suppliers.table) == [
        [EVIL, "−£70.05", "1", "not available"], ["Acme", "£60.30", "2", "not available"],
    ]  # fmt: skip
    assert _follow(suppliers.table.rows[1][0].link) == {
        "service": "ICT", "cost_type": "Licences", "supplier": "Acme",
    }  # fmt: skip

    (lines,) = spending.down_to_lines(
        **_of(service_id="ict", cost_type="Licences", supplier="Acme")
    )
    assert lines.title == "ICT, Licences, Acme: 2 lines of the ledger, £60.30"
    assert _said(lines.table) == [
        ["4 April 2017", "£40.10", "Acme", "Seats", "Licences", "ICT", "Bexley"],
        ["5 April 2017", "£20.20", "Acme", "Seats", "Licences", "ICT", "Newham"],
    ]


def test_the_way_back_up_is_a_link_for_each_step(small):
    small().load()
    steps = spending.trail("ict", "Licences", "Acme")
    assert [(said, link and (link.page, dict(link.filters))) for said, link in steps] == [
        ("Costs", ("costs", {"service": "ICT"})),
        ("All services", ("spending", {})),
        ("ICT", ("spending", {"service": "ICT"})),
        ("Licences", ("spending", {"service": "ICT", "cost_type": "Licences"})),
        ("Acme", None),
    ]
    assert [said for said, link in spending.trail(None, None, None) if not link] == ["All services"]
    drawn = text.trail(spending.trail("ict", None, EVIL))
    assert "<b>" not in drawn and 'aria-current="page"' in drawn


def test_what_a_supplier_is_called_is_text_and_never_markup(small):
    small().load()
    for found in spending.down_to_lines(**_of(service_id="ict")):
        drawn = text.head(found) + text.table(found)
        assert "<b>Bold" not in drawn
    assert "&lt;b&gt;Bold &amp; Sons&lt;/b&gt;" in drawn


def test_lines_without_supplier_or_cost_type_are_found_under_that_name(small):
    small().load()
    assert spending.supplier_names()[""] == spending.NO_SUPPLIER
    (suppliers, lines) = spending.down_to_lines(**_of(service_id="parks", cost_type=""))
    assert suppliers.title.startswith("Parks, No cost type given: £5 in the ledger, 1 supplier")
    (lines,) = spending.down_to_lines(**_of(service_id="parks", cost_type="", supplier=""))
    assert lines.title == "Parks, No cost type given, No supplier named: 1 line of the ledger, £5"


def test_a_supplier_is_found_over_all_services_and_nobody_who_was_never_paid(small):
    small().load()
    assert spending.is_supplier("Acme") and not spending.is_supplier("Nobody")
    parts, lines = spending.down_to_lines(**_of(supplier="Acme"))
    assert parts.title == "All services, Acme: £60.30 spent"
    assert _said(parts.table) == [["ICT", "£60.30", "2"], ["Together", "£60.30", "2"]]
    assert _follow(parts.table.rows[0][0].link) == {"service": "ICT", "supplier": "Acme"}
    assert lines.title.endswith("2 lines of the ledger, £60.30")


def test_a_screen_has_the_largest_lines_and_the_download_all_of_them(small, monkeypatch):
    monkeypatch.setattr(settings, "ROWS_SHOWN", 2)
    small().load()
    lines = spending.lines(**_of(service_id="ict"))
    assert [row[1] for row in _said(lines.table)] == ["£100.00", "−£70.05"]
    assert "The 2 largest of 4 lines; the download has them all. All come to £90.25" in (
        lines.subtitle
    )
    rows = list(csv.DictReader(io.StringIO(text.csv_bytes(lines).decode("utf-8-sig"))))[:4]
    assert [Decimal(r["amount_gbp"]) for r in rows] == [
        Decimal(v) for v in ("100.00", "-70.05", "40.10", "20.20")
    ]
    suppliers = spending.suppliers(service_id=None, council_ids=BOTH, cost_type=None, **YEAR)
    assert len(suppliers.table.rows) == 2
    assert len(suppliers.table.every_row()) == 4
    monkeypatch.setattr(settings, "ROWS_TO_DOWNLOAD", 3)
    assert len(suppliers.table.every_row()) == 3


def test_a_download_holds_no_live_formula(small):
    small().load()
    lines = spending.lines(**_of(service_id="parks"))
    assert "'=cmd()" in text.csv_bytes(lines).decode("utf-8-sig")


def test_a_ledger_that_differs_from_the_costs_says_by_how_much(small):
    one = small()
    one.write("ledger/2017-05.csv", "ledger", MAY.replace("-70.05", "-70.00"))
    one.load()
    found = spending.parts(**_of(service_id="ict"))
    assert "The ledger has £0.05 more." in found.subtitle


def test_a_ledger_without_costs_is_shown_without_budgets(small):
    small(has_costs=False).load()
    parts, suppliers, lines = spending.down_to_lines(**_of(service_id="ict"))
    assert parts.title == "ICT: £90.25 spent"
    assert [bar.name for bar in parts.chart.bars] == ["Spent"]
    assert suppliers.chart and lines.table


def test_one_month_of_a_ledger_is_not_said_to_be_a_year(small):
    one = small(has_costs=False)
    (one.data / "ledger" / "2017-05.csv").unlink()
    one.load()
    months = {"from_month": date(2017, 4, 1), "to_month": date(2017, 4, 1)}
    found = costs.through_the_year(service_id=None, council_ids=BOTH, **months)
    assert found.title == "All services: £160 spent by April 2017"
    found = costs.by_service(council_ids=BOTH, **months)
    assert found.title.startswith("1 service, of which no cost is known a year before")


def test_costs_without_a_ledger_lead_as_far_as_they_go(small):
    one = small()
    contract = json.loads((one.data / "datapackage.json").read_text())
    contract["resources"] = [r for r in contract["resources"] if r["name"] != "ledger"]
    (one.data / "datapackage.json").write_text(json.dumps(contract))
    one.load()
    (parts,) = spending.down_to_lines(**_of(service_id="ict"))
    assert parts.table.columns == ("Cost type", "Actual", "Budget", "Over or under")
    assert spending.supplier_names() == {}


def test_months_in_which_nothing_was_spent_say_what_to_do(small):
    small().load()
    years_ago = {"from_month": date(2010, 4, 1), "to_month": date(2011, 3, 1)}
    for found in spending.down_to_lines(**_of(service_id="ict") | years_ago):
        assert "choose a longer time" in found.empty


def test_suppliers_sums_follow_new_changed_and_gone_months(small):
    one = small()
    one.load()
    assert one.sums() == one.of_the_lines()
    one.write("ledger/2017-06.csv", "ledger", "2017-06-01,ict,newham,Staff,Acme,Pay,1.25\n")
    one.load()
    assert one.sums() == one.of_the_lines()
    assert one.sums()[date(2017, 6, 1), "ict", "newham", "Staff", "Acme"] == (1, Decimal("1.25"))
    one.write("ledger/2017-04.csv", "ledger", APRIL.replace("20.20", "30.30"))
    (one.data / "ledger" / "2017-05.csv").unlink()
    one.load()
    assert one.sums() == one.of_the_lines()
    assert len(one.sums()) == 4


def test_one_month_in_two_files_counts_once_for_each(small):
    one = small()
    one.write("ledger/again.csv", "ledger", "2017-04-09,ict,bexley,Licences,Acme,More,0.90\n")
    one.load()
    (row,) = fetch("spending_suppliers", **_of(supplier="Acme"), at_most=10).rows()
    assert (row["amount_gbp"], row["lines"]) == (Decimal("61.20"), 3)


def test_the_year_before_is_of_the_same_months(small):
    one = small()
    one.write("ledger/2016.csv", "ledger",
              "2016-04-09,ict,bexley,Licences,Acme,Seats,7.00\n"
              "2016-06-09,ict,bexley,Licences,Acme,Seats,9.00\n")  # fmt: skip
    one.load()
    spring = {"from_month": date(2017, 4, 1), "to_month": date(2017, 5, 1)}
    found = spending.suppliers(service_id="ict", council_ids=BOTH, cost_type="Licences", **spring)
    assert _said(found.table)[1] == ["Acme", "£60.30", "2", "£7.00"]
    assert _said(found.table)[0][3] == "nothing"

    # From a month whose year before is not all in the ledger there is nothing to compare with:
    # less of it would read as a rise.
    sooner = {"from_month": date(2017, 3, 1), "to_month": date(2017, 5, 1)}
    found = spending.suppliers(service_id="ict", council_ids=BOTH, cost_type="Licences", **sooner)
    assert [row[3] for row in _said(found.table)] == ["not available", "not available"]
    assert [bar.name for bar in found.chart.bars] == ["Paid"]
    assert "the ledger does not reach back" in found.subtitle


def test_a_file_of_the_ledger_in_the_shipped_data_is_what_its_page_says(use):
    use("shipped")
    with (settings.ROOT / "data/ledger/ledger-2017-09.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["service_id"] == "asset_management"]
    month = {"from_month": date(2017, 9, 1), "to_month": date(2017, 9, 1)}
    found = spending.lines(
        service_id="asset_management", council_ids=("havering", "newham", "bexley"),
        cost_type=None, supplier=None, **month,
    )  # fmt: skip
    every = found.table.every_row()
    assert len(every) == len(rows)
    assert sum(r[-1] for r in every) == sum(Decimal(r["amount_gbp"]) for r in rows)
    assert "the ledger does not tell them apart" in found.subtitle

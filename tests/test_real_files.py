"""Real published files, unmodified, each under a contract written from docs/contract.md alone.

What is expected is worked out here with Python's csv and Decimal, never with our loader, and is
compared with the report of the load and with the snapshot it publishes.
"""

import csv
import io
import json
import lzma
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard import words
from dashboard.exhibits import reference, spending
from dashboard.load.account import FileAccount
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.settings import Workspace
from dashboard.warehouse import fetch
from tests.conftest import CONTRACTS, REAL
from tests.small_workspaces import both_files

PENNY = Decimal("0.01")


class Loaded:
    """A workspace that was loaded: its report, and answers from its snapshot."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.report: LoadReport = load(workspace)

    def account(self, resource: str) -> FileAccount:
        return next(f for f in self.report.files if f.resource == resource)

    def counts(self, resource: str) -> tuple[int, int, int, dict[str, int]]:
        """Rows read, loaded, set aside, and skipped by reason; every line accounted for."""
        account = self.account(resource)
        assert account.adds_up()
        return account.read, account.loaded, account.set_aside, account.skipped

    def ask(self, sql: str) -> list[tuple]:
        with both_files(self.workspace.warehouse, self.report.version) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Callable[..., Loaded]:
    """The real files of a folder, or those in `data`, loaded once under one of tests/contracts/."""
    known: dict[str, Loaded] = {}

    def of(contract: str, folder: str, data: Path | None = None) -> Loaded:
        if contract not in known:
            path = CONTRACTS / contract / "datapackage.json"
            warehouse = tmp_path_factory.mktemp(contract)
            known[contract] = Loaded(Workspace(data or _real(folder), path, warehouse))
        return known[contract]

    return of


@pytest.fixture
def generic(tmp_path) -> Callable[..., Loaded]:
    """Load one real file under a contract that is made here, alone in a folder of its own."""

    def of(name: str, resource: dict) -> Loaded:
        data = tmp_path / "data"
        data.mkdir()
        shutil.copyfile(_real(name), data / Path(name).name)
        contract = tmp_path / "datapackage.json"
        package = {"name": "generic", "resources": [{"path": Path(name).name, **resource}]}
        contract.write_text(json.dumps(package))
        return Loaded(Workspace(data, contract, tmp_path / "warehouse"))

    return of


def _real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the published file or folder {name} is not on this machine ({path})")
    return path


def _records(name: str, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[list[str]]:
    with _real(name).open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines, delimiter=delimiter))


def _rows(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with _real(name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def _pounds(text: str) -> Decimal:
    """An amount as councils print it; brackets are a minus."""
    bare = text.strip().replace(",", "")
    return -Decimal(bare[1:-1]) if bare.startswith("(") else Decimal(bare)


def _sums(pairs) -> dict:
    found: dict = defaultdict(Decimal)
    for key, amount in pairs:
        found[key] += amount
    return dict(found)


def _field(name: str, kind: str = "string", **ours: object) -> dict:
    return {"name": name, "type": kind, **({"onesource": ours} if ours else {})}


# --- payments


def test_gla_2008_is_read_though_it_has_no_header_no_dates_and_an_empty_first_column(loaded):
    rows = _records("spend/december_2008.csv_u")
    got = loaded("spend_gla_2008", "spend")
    assert got.counts("payments") == (len(rows), 269, 0, {}) == (269, 269, 0, {})
    assert got.account("payments").header_lines == 0
    assert got.ask("select sum(amount_gbp) from ledger") == [(Decimal("2608743.33"),)]
    expected = Counter((r[1], r[2], _pounds(r[3]), date(2008, 12, 31)) for r in rows)
    assert expected == Counter(got.ask("select supplier, cost_type, amount_gbp, date from ledger"))
    assert sum(_pounds(r[3]) for r in rows) == Decimal("2608743.33")


def test_gateshead_is_read_to_the_penny_and_its_misspelt_service_joins_the_right_one(loaded):
    rows = _rows("spend/gateshead_2020-02.csv")
    got = loaded("spend_gateshead", "spend")
    assert got.counts("payments") == (6271, 6271, 0, {})
    services = _sums(
        (r["Strgrpcc(T)"].replace("Enviroment", "Environment"), _pounds(r["Amount"])) for r in rows
    )
    assert sum(services.values()) == Decimal("18163546.84")
    assert len({r["Strgrpcc(T)"] for r in rows}) == len(services) + 1 == 9
    assert services == dict(got.ask("select service_id, sum(amount_gbp) from ledger group by 1"))
    days = Counter(date.fromisoformat(r["Updated"]) for r in rows)
    assert days == Counter(dict(got.ask("select date, count(*) from ledger group by 1")))


def test_gateshead_period_201911_is_february_because_the_contract_says_so(loaded):
    rows = _rows("spend/gateshead_2020-02.csv")
    assert {r["Period"] for r in rows} == {"201911", "201911.00"}
    got = loaded("spend_gateshead", "spend")
    assert got.counts("period") == (6271, 6271, 0, {})
    assert got.ask("select period, month, sum(actual_gbp) from costs group by all") == [
        ("2020-02", date(2020, 2, 1), Decimal("18163546.84"))
    ]


def test_gateshead_period_201911_is_refused_with_both_readings_where_it_does_not(generic):
    fields = [
        _field("period", names=["Period"]),
        _field("service_id", names=["Strgrpcc(T)"]),
        _field("council_id", constant="gateshead"),
        _field("actual_gbp", "number", names=["Amount"]),
    ]
    resource = {"name": "costs", "schema": {"fields": fields}, "onesource": {"gather": True}}
    with pytest.raises(LoadRefused, match="November 2019 or as February 2020"):
        generic("spend/gateshead_2020-02.csv", resource)


def test_gla_2018_is_read_to_the_penny_with_refunds_in_brackets(loaded):
    rows = _rows("spend/gla_2018-P11.csv")
    assert sum(1 for r in rows if r["Amount"].startswith("(")) == 22
    got = loaded("spend_gla_2018", "spend")
    assert got.counts("payments") == (887, 887, 0, {})
    directorates = _sums((r["Directorate"], _pounds(r["Amount"])) for r in rows)
    assert sum(directorates.values()) == Decimal("100581600.40")
    assert directorates == dict(
        got.ask("select service_id, sum(amount_gbp) from ledger group by 1")
    )


def test_leeds_skips_three_empty_lines_at_its_end_and_reads_all_the_others(loaded):
    rows = [r for r in _records("spend/leeds_raw_2010-12.csv")[1:] if any(r)]
    got = loaded("spend_leeds", "spend")
    assert got.counts("payments") == (10306, 10303, 0, {"blank": 3})
    assert got.ask("select line from skipped order by line") == [(10305,), (10306,), (10307,)]
    bodies = _sums((r[0].strip(), _pounds(r[9])) for r in rows)
    assert sum(bodies.values()) == Decimal("77179009.24")
    assert bodies == dict(got.ask("select council_id, sum(amount_gbp) from ledger group by 1"))
    days = Counter("-".join(reversed(r[7].split("/"))) for r in rows)
    assert days == Counter(dict(got.ask("select date::varchar, count(*) from ledger group by 1")))


def test_salford_adds_up_in_every_row_and_its_net_is_what_is_loaded(loaded):
    rows = _rows("spend/salford_2018-06.csv")
    assert all(_pounds(r["Gross"]) == _pounds(r["Net"]) + _pounds(r["VAT"]) for r in rows)
    got = loaded("spend_salford", "spend")
    assert got.counts("payments") == (1290, 1290, 0, {})
    suppliers = _sums((r["Supplier Name"], _pounds(r["Net"]).quantize(PENNY)) for r in rows)
    assert sum(suppliers.values()) == Decimal("23713179.29")
    assert suppliers == dict(got.ask("select supplier, sum(amount_gbp) from ledger group by 1"))


# --- Trafford


def test_trafford_cards_are_a_ledger_of_lines_and_costs_of_months_with_the_same_sum(loaded):
    """26 lines stand in the file twice: two purchases of the same price are two purchases."""
    rows = _rows("trafford/government_procurement_card_transactions_2024-25.csv")
    assert len(rows) - len({tuple(r.values()) for r in rows}) == 26
    got = loaded("trafford", "trafford")
    assert got.counts("card-lines") == got.counts("card-months") == (8134, 8134, 0, {})
    assert got.ask("select sum(amount_gbp) from ledger") == [(Decimal("2150144.20"),)]
    months = _sums(
        (
            (r["PaymentDate"][:7], r["OrganisationalUnit"], r["CategoryInternalName"]),
            _pounds(r["Amount"]),
        )
        for r in rows
    )
    assert sum(months.values()) == Decimal("2150144.20")
    assert months == {
        (month, unit, kind): amount
        for month, unit, kind, amount in got.ask(
            "select period, service_id, cost_type, actual_gbp from costs"
        )
    }


def test_trafford_prompt_payment_becomes_four_measures_of_eight_years(loaded):
    rows = _rows("trafford/prompt_payment.csv")
    got = loaded("trafford", "trafford")
    assert got.counts("performance") == (32, 32, 0, {})
    columns = {
        "paid_on_time": "ProportionPaidOnTime",
        "interest_paid": "InterestPaid",
        "interest_liable": "LiableInterest",
        "paid_late": "NumberNotPaidOnTime",
    }
    expected = {
        (measure, r["FinancialYear"].replace("/", "-")): float(r[column])
        for r in rows
        for measure, column in columns.items()
    }
    found = got.ask("select measure_id, period, value, month from performance")
    assert {(measure, period): value for measure, period, value, _ in found} == expected
    assert {month for *_, month in found} == {date(year, 3, 1) for year in range(2018, 2026)}


# --- spending by month and supplier, as pages ask for it


def _cells(name: str, date_of, supplier_of, amount_of, **how) -> dict:
    """A published ledger by month and supplier, worked out with csv and Decimal."""
    return _sums(
        ((date_of(r)[:7], supplier_of(r).strip()), _pounds(amount_of(r)).quantize(PENNY))
        for r in _rows(name, **how)
    )


LEDGERS = {
    "trafford": lambda: _cells(
        "trafford/government_procurement_card_transactions_2024-25.csv",
        lambda r: r["PaymentDate"], lambda r: r["BeneficiaryName"], lambda r: r["Amount"],
    ),
    "spend_gateshead": lambda: _cells(
        "spend/gateshead_2020-02.csv",
        lambda r: r["Updated"], lambda r: r["Supplier ID(T)"], lambda r: r["Amount"],
    ),
    "spend_gla_2018": lambda: _cells(
        "spend/gla_2018-P11.csv",
        lambda r: r["Clearing Date"], lambda r: r["Vendor Name"], lambda r: r["Amount"],
    ),
    "spend_salford": lambda: _cells(
        "spend/salford_2018-06.csv",
        lambda r: r["Date of Payment"], lambda r: r["Supplier Name"], lambda r: r["Net"],
    ),
    "spend_leeds": lambda: _sums(
        (("-".join(reversed(r[7].split("/")))[:7], r[11].strip()), _pounds(r[9]).quantize(PENNY))
        for r in _records("spend/leeds_raw_2010-12.csv")[1:]
        if any(r)
    ),
    "spend_gla_2008": lambda: _sums(
        (("2008-12", r[1].strip()), _pounds(r[3])) for r in _records("spend/december_2008.csv_u")
    ),
}  # fmt: skip


@pytest.mark.parametrize("contract", LEDGERS)
def test_spending_by_month_and_supplier_is_that_of_the_file(loaded, contract, monkeypatch):
    expected = LEDGERS[contract]()
    got = loaded(contract, "trafford" if contract == "trafford" else "spend")
    for name in ("data", "contract", "warehouse"):
        monkeypatch.setenv(name.upper(), str(getattr(got.workspace, name)))
    chosen = {
        "service_id": None,
        "council_ids": tuple(reference.council_names()),
        "cost_type": None,
    }
    answered = {}
    for month in sorted({month for month, _ in expected}):
        first = date.fromisoformat(f"{month}-01")
        for row in fetch(
            "spending_suppliers",
            **chosen,
            supplier=None,
            from_month=first,
            to_month=first,
            at_most=100_000,
        ).rows():
            answered[month, row["supplier"]] = row["amount_gbp"]
    assert answered == expected
    # And the page says the same whole, with lines that come to it.
    every = {"from_month": date(2000, 1, 1), "to_month": date(2030, 1, 1)}
    lines = spending.lines(**chosen, supplier=None, **every)
    total = sum(expected.values())
    assert f"All come to {words.pounds_exact(total)}" in lines.subtitle
    assert sum(row[-1] for row in lines.table.every_row()) == total
    first_service = next(iter(reference.service_names()))
    for found in spending.down_to_lines(
        service_id=first_service,
        council_ids=chosen["council_ids"],
        cost_type=None,
        supplier=None,
        **every,
    ):
        assert found.table and "over" not in found.title.split(";")[0].split(": ", 1)[1]


# --- counts of days, answers and cases


def test_contact_centre_days_become_months(loaded):
    """184 months; abandoned calls over calls offered, never the mean of the days' shares."""
    name = "contact_centre/3-1-1-contact-centre-metrics.csv"
    rows = _rows(name, delimiter=";")
    got = loaded("contact_centre", "contact_centre")
    assert got.counts("calls") == (3 * 5585, 3 * 5585, 0, {})
    assert got.counts("handled") == got.counts("abandoned") == (5585, 5585, 0, {})
    titles = {
        "calls offered": "CallsOffered",
        "calls handled": "CallsHandled",
        "calls abandoned": "CallsAbandoned",
    }
    months = _sums(
        ((unit, r["Date"][:7]), Decimal(r[column])) for r in rows for unit, column in titles.items()
    )
    assert len(months) == 3 * 184
    assert months == {
        (unit, period): Decimal(quantity)
        for unit, period, quantity in got.ask("select unit, period, quantity from volumes")
    }
    found = got.ask(
        "select measure_id, period, numerator, denominator, value from performance "
        "where line is not null"
    )
    assert len(found) == 2 * 184
    for measure, period, numerator, denominator, value in found:
        part = months[measure.replace("_", " "), period]
        whole = months["calls offered", period]
        assert (Decimal(numerator), Decimal(denominator)) == (part, whole)
        assert value == pytest.approx(float(100 * part / whole), rel=1e-12)


def test_friends_and_family_answers_are_counted_by_surgery_and_month(loaded):
    rows = _rows("satisfaction/gp_fft_responses_2023-24_no_freetext.csv")
    got = loaded("gp_fft", "satisfaction")
    assert got.counts("responses") == (3882, 3882, 0, {})
    answers = Counter((r["surgery"], r["time"][:7], r["rating"]) for r in rows)
    scale = (
        *("Extremely likely", "Likely", "Neither likely nor unlikely"),
        *("Unlikely", "Extremely unlikely", "Don't know"),
    )
    found = got.ask(
        "select council_id, period, very_satisfied, fairly_satisfied, neither, "
        "fairly_dissatisfied, very_dissatisfied, dont_know, respondents, satisfied "
        "from staging.answers"
    )
    assert {(surgery, month) for surgery, month, *_ in found} == {
        (surgery, month) for surgery, month, _ in answers
    }
    for surgery, month, *counts, respondents, satisfied in found:
        assert counts == [answers[surgery, month, word] for word in scale]
        # Who doesn't know has answered, but is neither satisfied nor dissatisfied.
        assert respondents == sum(counts[:5])
        assert satisfied == counts[0] + counts[1]
    assert sum(f[8] for f in found) == 3882 - 19
    assert sum(f[9] for f in found) == 2616 + 901


def test_new_york_casework_is_counted_by_month_once_unpacked(loaded, tmp_path):
    packed = _real("casework/nycomplaints.csv.xz")
    data = tmp_path / "data"
    data.mkdir()
    with lzma.open(packed) as source, (data / "nycomplaints.csv").open("wb") as target:
        shutil.copyfileobj(source, target)
    with (data / "nycomplaints.csv").open(encoding="utf-8", newline="") as lines:
        months = Counter(r["opendate"][:7] for r in csv.DictReader(lines))
    got = loaded("nyc_casework", "casework", data)
    assert got.counts("cases") == (341299, 341299, 0, {})
    assert sum(months.values()) == 341299
    assert months == Counter(dict(got.ask("select period, quantity from volumes")))


@pytest.mark.parametrize(
    "name", ["casework/nycomplaints.csv.xz", "spc/expected_lgbf_monthly_quarterly.csv.gz"]
)
def test_a_compressed_file_is_refused_and_says_what_to_do(generic, name):
    fields = [
        _field("period", names=["opendate", "x"]),
        _field("service_id", constant="casework"),
        _field("council_id", constant="new_york"),
        _field("unit", constant="cases"),
        _field("quantity", "number", count=True),
    ]
    with pytest.raises(LoadRefused, match="this is a compressed file: unpack it first"):
        generic(name, {"name": "volumes", "schema": {"fields": fields}})


def test_a_log_of_requests_is_counted_though_a_title_stands_above_its_header(loaded):
    rows = _records("messy/LBLFOIDisclosureJuly2011.csv", encoding="cp1252")[2:]
    got = loaded("foi_lambeth", "messy")
    account = got.account("requests")
    assert got.counts("requests") == (len(rows), 80, 0, {}) == (80, 80, 0, {})
    assert (account.header_lines, account.encoding) == (2, "cp1252")
    assert {r[1][3:] for r in rows} == {"07/11"}
    assert got.ask("select period, unit, quantity from volumes") == [("2011-07", "requests", 80)]


# --- benchmarks


def test_lgbf_months_and_quarters_load_and_the_files_own_total_is_met(loaded):
    """The publisher rounds counts to five, so that three parts pass their wholes."""
    rows = _rows("lgbf/LGBF_Data_Table_Monthly_Data.csv")
    data, total = rows[:-2], rows[-2]
    assert (total["Code"], rows[-1]["Code"], len(data)) == ("Total", "", 17879)
    beyond = [
        line
        for line, r in enumerate(data, 2)
        if r["Code"] in ("CORP09", "CORP10", "ECON12a", "ECON12b")
        if int(r["LA_Numerator_real"]) > int(r["LA_Den_Real"])
    ]
    assert beyond == [64, 77, 355]
    got = loaded("lgbf_monthly", "lgbf")
    assert got.counts("performance") == (17881, 17876, 3, {"total": 1, "blank": 1})
    assert [(p["line"], p["field"]) for p in got.report.problems] == [
        (line, "numerator") for line in beyond
    ]
    stated = {
        r.field: (r.counted, r.stated, r.stated_line) for r in got.account("performance").reconciled
    }
    for field, column in (("numerator", "LA_Numerator_real"), ("denominator", "LA_Den_Real")):
        counted = sum(Decimal(r[column]) for r in data)
        assert stated[field] == (counted, Decimal(total[column]), 17881)
        assert counted == Decimal(total[column])


def test_lgbf_months_and_quarters_stand_where_the_financial_year_puts_them(loaded):
    rows = _rows("lgbf/LGBF_Data_Table_Monthly_Data.csv")[:-2]
    months = {date(2000, n, 1).strftime("%B"): n for n in range(1, 13)}

    def ends(year: str, name: str) -> date:
        first = int(year[:4])
        number = months.get(name) or {"Q1": 6, "Q2": 9, "Q3": 12, "Q4": 3}[name]
        return date(first + (number < 4), number, 1)

    expected = {
        (r["Code"], r["LocalAuthority"], ends(r["LGBF Year"], r["Month"])): (
            float(r["LA_IndicatorReal"]),
            float(r["LA_Numerator_real"]),
            float(r["LA_Den_Real"]),
        )
        for r in rows
        if int(r["LA_Numerator_real"]) <= int(r["LA_Den_Real"])
    }
    got = loaded("lgbf_monthly", "lgbf")
    found = got.ask(
        "select measure_id, council_id, month, value, numerator, denominator from performance "
        "where line is not null"
    )
    assert {tuple(key): tuple(figures) for *key, a, b, c in found for figures in [(a, b, c)]} == (
        expected
    )
    assert len(found) == len(expected) == 17876


@pytest.fixture
def boroughs(loaded) -> Loaded:
    return loaded("borough_returns", "three_councils")


def test_borough_outturns_are_published_thousands_across_services(boroughs):
    services = {
        title: service for service, title in boroughs.ask("select service_id, name from services")
    } | {"Housing services (GFRA only)": "housing"}
    total = {"2010-11": 1301538, "2014-15": 1243402, "2017-18": 1156140}
    for year, thousands in total.items():
        header, *rows = _records(f"three_councils/rs_{year}_three_boroughs.csv")
        # In 2010-11 every service stands a second time, far to the right, on another basis.
        columns = {services[h]: header.index(h) for h in header if h in services}
        name = header.index("Local authority")
        expected = {
            (r[name].lower(), service): Decimal(1000 * int(r[at]))
            for r in rows
            for service, at in columns.items()
        }
        assert sum(expected.values()) == 1000 * thousands
        cells = len(expected)
        assert boroughs.counts(f"outturn-{year}") == (cells, cells, 0, {})
        found = boroughs.ask(
            f"select council_id, service_id, actual_gbp from costs where period = '{year}'"
        )
        assert {(council, service): amount for council, service, amount in found} == expected


def test_borough_budgets_are_the_totals_of_services_and_nothing_of_their_parts(boroughs):
    rows = _rows("three_councils/ra_2024-25_budget_three_boroughs.csv")
    wanted = [r for r in rows if r["is_per_capita"] == "0" and r["variable"].startswith("TOTAL ")]
    by_service = {
        "education": "TOTAL EDUCATION SERVICES",
        "highways": "TOTAL HIGHWAYS AND TRANSPORT SERVICES",
        "children": "TOTAL CHILDREN'S SOCIAL CARE",
        "adults": "TOTAL ADULT SOCIAL CARE",
        "public_health": "TOTAL PUBLIC HEALTH",
        "housing": "TOTAL HOUSING SERVICES (GFRA only)",
        "culture": "TOTAL CULTURAL AND RELATED SERVICES",
        "environment": "TOTAL ENVIRONMENTAL AND REGULATORY SERVICES",
        "planning": "TOTAL PLANNING AND DEVELOPMENT SERVICES",
    }
    expected = {
        (r["borough"].lower(), service): 1000 * Decimal(r["value"])
        for service, variable in by_service.items()
        for r in wanted
        if r["variable"] == variable
    }
    assert len(expected) == 27
    assert boroughs.counts("budget-2024-25") == (1776, 27, 0, {"belongs to another feed": 1749})
    assert sum(expected.values()) == Decimal("1398588000")
    found = boroughs.ask(
        "select council_id, service_id, budget_gbp from costs where period = '2024-25'"
    )
    assert {(council, service): amount for council, service, amount in found} == expected


def test_borough_workforce_years_end_in_september(boroughs):
    rows = _rows("three_councils/csww_three_boroughs.csv")
    rates = ("turnover_rate_fte", "agency_rate_fte", "vacancy_rate_fte", "absence_rate_fte")
    expected = {
        (rate, r["la_name"].lower(), date(int(r["time_period"]), 9, 1)): float(r[rate])
        for r in rows
        for rate in rates
    }
    assert boroughs.counts("workforce") == (108, 108, 0, {})
    found = boroughs.ask(
        "select measure_id, council_id, month, value from performance "
        "where service_id = 'children' and line is not null"
    )
    assert {tuple(key): value for *key, value in found} == expected


def test_borough_adult_social_care_figures_that_are_blank_are_missing(boroughs):
    rows = _rows("three_councils/oflog_asc_three_boroughs.csv")
    expected = {
        (r["Code"], r["Local authority name"].lower(), r["Financial year"]): (
            (float(r["Value"]), "final") if r["Value"] else (None, "missing")
        )
        for r in rows
    }
    assert sum(1 for _, status in expected.values() if status == "missing") == 3
    assert boroughs.counts("adult-social-care") == (126, 126, 0, {})
    found = boroughs.ask(
        "select measure_id, council_id, period, value, status from performance "
        "where service_id = 'adults' and line is not null"
    )
    assert {tuple(key): (value, status) for *key, value, status in found} == expected


# --- lists of names, and series made to be difficult


def test_every_spelling_of_a_council_is_read_and_six_that_repeat_are_skipped(loaded):
    names = [r["la-name"] for r in _rows("reference/lookup_name_to_registry.csv")]
    got = loaded("council_names", "reference")
    repeats = len(names) - len(set(names))
    assert got.counts("councils") == (1774, 1768, 0, {"repeat": repeats})
    assert repeats == 6
    assert {name for (name,) in got.ask("select name from councils")} == {n.strip() for n in names}


def test_codes_with_several_names_are_refused_as_councils_for_they_contradict_each_other(generic):
    rows = _rows("reference/lookup_name_to_registry.csv")
    said = defaultdict(set)
    for r in rows:
        said[r["local-authority-code"]].add(r["la-name"])
    disputed = sum(1 for r in rows if len(said[r["local-authority-code"]]) > 1)
    fields = [
        _field("council_id", names=["local-authority-code"]),
        _field("name", names=["la-name"]),
    ]
    with pytest.raises(LoadRefused) as refusal:
        generic(
            "reference/lookup_name_to_registry.csv",
            {"name": "councils", "schema": {"fields": fields}},
        )
    (account,) = refusal.value.report.files
    assert (account.read, account.set_aside) == (1774, disputed)
    assert account.refused.startswith(f"{disputed:,} of 1,774 rows are wrong, more than the 25%")
    assert "another row has the same key and says something else" in account.refused


def test_series_that_stand_twice_are_read_once_under_only(loaded):
    rows = [r for r in _rows("spc/expected_edge_cases.csv") if r["screen_outliers"] == "TRUE"]
    got = loaded("spc_edge_cases", "spc")
    assert got.counts("performance") == (326, 163, 0, {"belongs to another feed": 163})
    expected = {(r["case"], date.fromisoformat(r["x"])): float(r["y"]) for r in rows}
    found = got.ask("select measure_id, month, value from performance where line is not null")
    assert {(case, month): value for case, month, value in found} == expected
    assert len(expected) == 163
    # A zero of the series with zeros is a figure.
    zeros = sum(1 for value in expected.values() if value == 0)
    assert got.ask("select count(*) from performance where value = 0") == [(zeros,)]


# --- files made to test readers of CSV

# Text fields of `events`, of which only the first may not be empty.
_TEXTS = ("title", "service_id", "council_id", "measure_id", "kind", "source")

# Lines of the header, and lines that go on with a quoted cell.
_FORMS = {
    "csv-spectrum/comma_in_quotes.csv": (1, 0),
    "csv-spectrum/empty.csv": (1, 0),
    "csv-spectrum/empty_crlf.csv": (1, 0),
    "csv-spectrum/escaped_quotes.csv": (1, 0),
    "csv-spectrum/json.csv": (1, 0),
    "csv-spectrum/newlines.csv": (1, 1),
    "csv-spectrum/newlines_crlf.csv": (1, 1),
    "csv-spectrum/quotes_and_newlines.csv": (1, 2),
    "csv-spectrum/simple.csv": (1, 0),
    "csv-spectrum/simple_crlf.csv": (1, 0),
    "csv-spectrum/utf8.csv": (1, 0),
    "csvlint/cr-line-endings.csv": (1, 0),
    "csvlint/crlf-line-endings.csv": (1, 0),
    "csvlint/inconsistent-line-endings.csv": (1, 0),
    "csvlint/invalid-byte-sequence.csv": (1, 0),
    "csvlint/title-row.csv": (2, 0),
}


@pytest.mark.parametrize("name", _FORMS)
def test_cells_of_a_difficult_csv_come_back_exactly(generic, name):
    header_lines, continued = _FORMS[name]
    encoding = "cp1252" if "invalid-byte" in name else "utf-8"
    text = _real(f"messy/{name}").read_bytes().decode(encoding)
    records = list(csv.reader(io.StringIO(text, newline="")))
    header, rows = records[header_lines - 1], records[header_lines:]
    titles = [h for h in header if h][: len(_TEXTS)]
    fields = [_field("date", "date", constant="2018-03-31")]
    fields += [_field(f, names=[t]) for f, t in zip(_TEXTS, titles, strict=False)]
    got = generic(f"messy/{name}", {"name": "events", "schema": {"fields": fields}})
    account = got.account("events")
    assert got.counts("events") == (len(rows), len(rows), 0, {})
    assert (account.header_lines, account.continued) == (header_lines, continued)
    assert account.lines == header_lines + continued + len(rows)
    columns = ", ".join(_TEXTS[: len(titles)])

    def as_kept(field: str, cell: str) -> str | None:
        # An empty cell is no value, and several spaces in an id are one.
        return (re.sub(" {2,}", " ", cell) if field.endswith("_id") else cell) or None

    expected = Counter(tuple(map(as_kept, _TEXTS, r[: len(titles)])) for r in rows)
    assert expected == Counter(got.ask(f"select {columns} from events"))


def test_dates_month_first_are_read_so_where_the_column_holds_one_that_must_be(generic):
    text = _real("messy/csvlint/invalid-byte-sequence.csv").read_text(encoding="cp1252")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    fields = [
        {"name": "date", "type": "date", "format": "any", "onesource": {"names": ["Data"]}},
        _field("service_id", constant="bank"),
        _field("council_id", constant="bank"),
        _field("description", names=["Histórico"]),
        _field("amount_gbp", "number", names=["Valor"]),
    ]
    got = generic(
        "messy/csvlint/invalid-byte-sequence.csv",
        {"name": "ledger", "schema": {"fields": fields}},
    )
    assert got.counts("ledger") == (23, 23, 0, {})
    days = _sums(
        (f"{r['Data'][6:]}-{r['Data'][:5].replace('/', '-')}", Decimal(r["Valor"])) for r in rows
    )
    assert days == dict(got.ask("select date::varchar, sum(amount_gbp) from ledger group by 1"))
    assert set(days) == {"2012-10-31", "2012-11-01", "2012-11-05"}
    assert sum(days.values()) == Decimal("905.00")

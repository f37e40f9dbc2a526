"""Quarters and years beside their months are totals over time, and never in a sum with them."""

import json
from collections.abc import Callable
from decimal import Decimal

import duckdb
import pytest

from dashboard.load import told
from dashboard.load.publish import LoadReport, load
from dashboard.load.versions import snapshot_path
from dashboard.settings import Workspace

COSTS = [
    {"name": "period", "onesource": {"names": ["Period"]}},
    {"name": "service_id", "onesource": {"names": ["Service"]}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "budget_gbp", "type": "number", "onesource": {"names": ["Budget"]}},
    {"name": "actual_gbp", "type": "number", "onesource": {"names": ["Actual"]}},
]
WIDE = [
    {"name": "period", "onesource": {"across": True}},
    {"name": "service_id", "onesource": {"names": ["Service"]}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "actual_gbp", "type": "number"},
]
VOLUMES = [
    {"name": "period", "onesource": {"names": ["Period"]}},
    {"name": "service_id", "onesource": {"constant": "hr"}},
    {"name": "council_id", "onesource": {"constant": "northby"}},
    {"name": "unit", "onesource": {"names": ["Unit"]}},
    {"name": "quantity", "type": "number", "onesource": {"names": ["Number"]}},
    {"name": "kind", "onesource": {"names": ["Kind"]}},
]
PERFORMANCE = [
    {"name": "period", "onesource": {"names": ["Period"]}},
    *({"name": n, "onesource": {"constant": n}} for n in ("service_id", "council_id")),
    {"name": "measure_id", "onesource": {"constant": "foi"}},
    {"name": "numerator", "type": "number", "onesource": {"names": ["In time"]}},
    {"name": "denominator", "type": "number", "onesource": {"names": ["Answered"]}},
]


class Books:
    """A workspace of one feed: files are written, loaded, and what stands is asked for."""

    def __init__(self, folder, feed: str, fields: list[dict]) -> None:
        self.folder = folder
        resource = {"name": feed, "path": "*.csv", "schema": {"fields": fields}}
        about = {"resources": [resource], "onesource": {"waive": ["definition", "owner_role"]}}
        (folder / "datapackage.json").write_text(json.dumps(about))
        self.report: LoadReport

    def load(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.csv").write_text(text)
        where = Workspace(self.folder, self.folder / "datapackage.json", self.folder / "w")
        self.report = load(where)

    def ask(self, sql: str) -> list[tuple]:
        path = snapshot_path(self.folder / "w", self.report.version)
        with duckdb.connect(str(path), read_only=True) as con:
            return con.execute(sql).fetchall()

    def counts(self, name: str) -> tuple[int, int, dict[str, int]]:
        account = next(f for f in self.report.files if f.file == f"{name}.csv")
        return account.loaded, account.set_aside, account.skipped

    @property
    def reasons(self) -> list[str]:
        return [p["reason"] for p in self.report.problems]

    def costs(self) -> Decimal:
        return self.ask("select sum(actual_gbp) from costs")[0][0]


@pytest.fixture
def books(tmp_path) -> Callable[..., Books]:
    return lambda feed="costs", fields=COSTS: Books(tmp_path, feed, fields)


HEADER = "Period,Service,Budget,Actual\n"
MONTHS = "Apr-23,hr,,100.10\nMay-23,hr,,110.20\nJun-23,hr,,120.30\n"
TOTAL = {"total over time": 1}


def test_a_quarter_that_is_the_sum_of_its_months_is_skipped_and_the_file_reconciled(books):
    told_of = books()
    told_of.load(a=HEADER + MONTHS + "Q1 2023/24,hr,,330.60\n")
    assert told_of.counts("a") == (3, 0, TOTAL) and told_of.costs() == Decimal("330.60")
    assert told_of.report.is_clean
    (said,) = [
        line
        for line in told.as_lines(told_of.report)
        if "totals over time" in line or "1 total" in line
    ]
    assert said.strip() == (
        "1 total over time (2023-24 Q1) states what the periods within it come to"
    )
    sums = next(r for r in told_of.report.files[0].reconciled if r.field == "actual_gbp")
    assert (sums.counted, sums.loaded) == (Decimal("330.60"), Decimal("330.60"))


@pytest.mark.parametrize(
    ("quarter", "reason"),
    [
        (
            "Q1 2023/24,hr,,340.60\n",
            "2023-24 Q1 states 340.60; April to June 2023 come to 330.60",
        ),
        (
            "2023/24,hr,,1322.40\n",
            "2023-24 states 1,322.40; April to June 2023 come to 330.60; "
            "July 2023 to March 2024 are not there",
        ),
        (
            "2023,hr,,340.60\n",
            "2023 states 340.60; April to June 2023 come to 330.60; "
            "January to March 2023 and July to December 2023 are not there",
        ),
        (
            "Q1 2023/24,hr,400,330.60\n",
            "2023-24 Q1 repeats what the periods within it state, but its budget_gbp is given for "
            "none of them: it has to be given by the same periods as the rest",
        ),
    ],
)
def test_a_longer_period_that_its_months_do_not_come_to_is_set_aside(books, quarter, reason):
    told_of = books()
    told_of.load(a=HEADER + MONTHS + quarter)
    assert told_of.counts("a") == (3, 1, {}) and told_of.costs() == Decimal("330.60")
    assert told_of.reasons == [reason]


def test_longer_periods_without_their_months_are_data(books):
    told_of = books()
    told_of.load(a=HEADER + MONTHS + "Q2 2023/24,hr,,500\n2022/23,hr,,1000\nQ1 2023/24,ict,,7\n")
    assert told_of.counts("a") == (6, 0, {}) and told_of.costs() == Decimal("1837.60")


def test_a_budget_of_the_year_beside_actuals_of_its_months_is_data(books):
    told_of = books()
    told_of.load(a=HEADER + MONTHS + "2023/24,hr,1200,\n")
    assert told_of.counts("a") == (4, 0, {})
    assert told_of.ask("select sum(budget_gbp), sum(actual_gbp) from costs") == [
        (Decimal("1200.00"), Decimal("330.60"))
    ]


def test_months_quarters_halves_and_the_year_are_counted_once(books):
    rows = [
        f"{m}-23,hr,,{n}\n" for n, m in enumerate(("Apr", "May", "Jun", "Jul", "Aug", "Sep"), 1)
    ]
    longer = "Q1 2023/24,hr,,6\nQ2 2023/24,hr,,15\nH1 2023/24,hr,,21\n2023/24,hr,,121\n"
    told_of = books()
    told_of.load(a=HEADER + longer + "H2 2023/24,hr,,100\n" + "".join(reversed(rows)))
    assert told_of.counts("a") == (7, 0, {"total over time": 4})
    assert told_of.costs() == Decimal(121)


def test_periods_that_overlap_and_do_not_hold_each_other_are_not_both_counted(books):
    told_of = books()
    told_of.load(a=HEADER + "2023/24,hr,,1200\n2023,hr,,1000\n")
    assert told_of.counts("a") == (1, 1, {})
    assert told_of.reasons == [
        "2023-24 and 2023 both hold April to December 2023, and neither holds the other: what was "
        "in both would be counted twice"
    ]


def test_quarter_and_year_columns_of_a_wide_file_are_totals(books):
    told_of = books(fields=WIDE)
    told_of.load(
        a="Service,Apr-23,May-23,Jun-23,Q1 2023/24,Jul-23,2023/24,YTD\n"
        "hr,1,2,3,6,4,10,10\nict,10,20,30,61,40,100,100\n"
    )
    assert told_of.counts("a") == (8, 1, {"total over time": 3})
    assert told_of.costs() == Decimal(110)
    assert told_of.reasons == ["2023-24 Q1 states 61.00; April to June 2023 come to 60.00"]


def test_a_quarterly_file_beside_monthly_ones_is_told_whichever_comes_first(books):
    told_of = books()
    told_of.load(quarter=HEADER + "Q1 2023/24,hr,,330.60\n")
    assert told_of.counts("quarter") == (1, 0, {}) and told_of.costs() == Decimal("330.60")
    told_of.load(april=HEADER + "Apr-23,hr,,100.10\n")
    assert told_of.counts("quarter") == (0, 1, {}) and told_of.costs() == Decimal("100.10")
    assert told_of.reasons == [
        "2023-24 Q1 states 330.60; April 2023 comes to 100.10; May to June 2023 are not there"
    ]
    told_of.load(may=HEADER + "May-23,hr,,110.20\nJun-23,hr,,120.30\n")
    assert told_of.counts("quarter") == (0, 0, TOTAL) and told_of.costs() == Decimal("330.60")
    (told_of.folder / "april.csv").unlink()
    (told_of.folder / "may.csv").unlink()
    told_of.load()
    assert told_of.counts("quarter") == (1, 0, {}) and told_of.costs() == Decimal("330.60")


def test_quarters_that_disagree_do_not_refuse_the_file_of_their_months(books):
    names = ("Apr", "May", "Jun", "Jul", "Aug", "Sep")
    months = "".join(f"{m}-23,{s},,1\n" for m in names for s in ("hr", "ict", "legal"))
    quarters = "".join(f"Q{q} 2023/24,{s},,5\n" for q in (1, 2) for s in ("hr", "ict", "legal"))
    told_of = books()
    told_of.load(a=HEADER + months + quarters)
    assert told_of.counts("a") == (18, 6, {}) and told_of.costs() == Decimal(18)


@pytest.mark.parametrize(
    ("months", "quarter", "is_total"),
    [
        # Published in pounds, each rounded: two pounds of difference are none.
        (("400,001", "300,000", "299,999"), "1,000,002", True),
        (("400,001", "300,000", "299,999"), "1,000,012", False),
        (("400,000", "300,000", "300,000"), "1,001,000", True),
        (("100", "110", "120"), "331", False),
        (("100.10", "110.10", "120.10"), "330.31", True),
        (("100.10", "110.10", "120.10"), "330.40", False),
        (("-100.10", "50", "50.10"), "0", True),
    ],
)
def test_sums_agree_as_far_as_they_were_rounded(books, months, quarter, is_total):
    rows = zip(("Apr-23", "May-23", "Jun-23", "Q1 2023/24"), (*months, quarter), strict=True)
    told_of = books()
    told_of.load(a=HEADER + "".join(f'{p},hr,,"{n}"\n' for p, n in rows))
    assert told_of.counts("a") == ((3, 0, TOTAL) if is_total else (3, 1, {}))


@pytest.mark.parametrize(
    ("kind", "quarter", "expected"),
    [
        ("flow", "33", (3, 0, TOTAL)),
        ("", "33", (3, 0, TOTAL)),
        ("flow", "34", (3, 1, {})),
        ("flow", "12", (3, 1, {})),
        ("level", "12", (3, 0, TOTAL)),
        ("level", "11", (3, 0, TOTAL)),
        ("headcount", "33", (3, 1, {})),
    ],
)
def test_volumes_add_up_and_levels_are_those_of_the_last_month_or_the_mean(
    books, kind, quarter, expected
):
    told_of = books("volumes", VOLUMES)
    rows = (("Apr-23", 10), ("May-23", 11), ("Jun-23", 12), ("Q1 2023/24", quarter))
    told_of.load(
        a="Period,Unit,Number,Kind\n" + "".join(f"{p},invoices,{n},{kind}\n" for p, n in rows)
    )
    assert told_of.counts("a") == expected
    assert told_of.ask("select sum(quantity) from volumes") == [(33,)]


def test_months_and_quarters_of_a_measure_are_both_kept_and_never_added_to_each_other(books):
    told_of = books("performance", PERFORMANCE)
    rows = (("Apr-23", 9, 10), ("May-23", 8, 10), ("Jun-23", 10, 10), ("Q1 2023/24", 27, 30))
    measures = "measure_id,service_id,name,unit,good_direction\nfoi,service_id,FOI,%,higher\n"
    about = json.loads((told_of.folder / "datapackage.json").read_text())
    about["resources"][0]["path"] = "a*.csv"
    fields = [{"name": n} for n in measures.splitlines()[0].split(",")]
    about["resources"].append(
        {"name": "measures", "path": "measures.csv", "schema": {"fields": fields}}
    )
    (told_of.folder / "datapackage.json").write_text(json.dumps(about))
    told_of.load(
        measures=measures,
        a="Period,In time,Answered\n" + "".join(f"{p},{n},{d}\n" for p, n, d in rows),
    )
    assert told_of.counts("a") == (4, 0, {})
    assert told_of.ask(
        "select period, value, year_to_date from performance where month = '2023-06-01' "
        "and value is not null order by period"
    ) == [("2023-06", 100.0, 90.0), ("2023-24 Q1", 90.0, 90.0)]


@pytest.mark.parametrize("period", ["Jun-23 YTD", "YTD", "Year to date 2023/24", "Cumulative"])
def test_a_year_to_date_is_no_period_and_is_said_to_be_one(books, period):
    told_of = books()
    told_of.load(a=HEADER + MONTHS + f"{period},hr,,330.60\n")
    assert told_of.counts("a") == (3, 1, {}) and told_of.costs() == Decimal("330.60")
    assert told_of.reasons == [
        "not a month, quarter or year; a year to date repeats the months in it: leave such rows "
        "out of the file, or have the contract's 'only' do so"
    ]

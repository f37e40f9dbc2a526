"""True cost: booked, then by cost shares, then with overheads; and nothing lost on the way.

`worked_out` is the whole method a second time, in plain Python and whole pence, from rows as they
stand in the csv files.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from dashboard import settings
from dashboard.exhibits import reference, true_cost
from dashboard.load import methods
from dashboard.load.publish import load
from dashboard.render import text
from dashboard.render.kinds import figures
from dashboard.settings import Workspace
from dashboard.warehouse import fetch

SQL = (settings.QUERIES / "tables" / "32_true_costs.sql").read_text(encoding="utf-8")
SPAN = {"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1)}


class Booked(NamedTuple):
    """One row of the costs, in pence; block is "" where the workspace has none."""

    service: str
    council: str
    month: str
    kind: str
    block: str
    pence: int | None


def worked_out(
    rows: Iterable[Booked],
    shares: Mapping[tuple[str, str], Mapping[str, Fraction]],
    overhead: Iterable[str],
) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """Booked, correction and overheads in pence, by service, council and month.

    shares: by service and month, of the councils that are served then.
    """
    overhead = set(overhead)
    rows = [r for r in rows if r.pence is not None]
    shares = {cell: of for cell, of in shares.items() if sum(of.values())}
    booked, shared, direct, lines = (defaultdict(int) for _ in range(4))
    for r in rows:
        key = r.service, r.council, r.month
        booked[key] += r.pence
        if r.block == "shared" or (not r.block and (r.service, r.month) in shares):
            shared[key] += r.pence
            lines[key] += 1
            if r.kind not in ("Income", "Fees and charges", "Recharge", "Recharges"):
                direct[key] += r.pence
    cells = {(service, month) for service, _, month in booked}
    divisible = {
        (service, month)
        for service, month in cells
        if service not in overhead
        and any(shared[k] for k in booked if (k[0], k[2]) == (service, month))
        and all(
            not shared[k] or k[1] in shares.get((service, month), {})
            for k in booked
            if (k[0], k[2]) == (service, month)
        )
    }
    correction, overheads = defaultdict(int), defaultdict(int)
    for service, month in divisible:
        of = shares[service, month]
        mine = {k for k in booked if (k[0], k[2]) == (service, month)}
        pool = sum(shared[k] for k in mine)
        due = hamilton(pool, {(service, c, month): share for c, share in of.items()})
        gaps = {k: due.get(k, 0) - shared[k] for k in {*mine, *due}}
        if any(abs(gap) > lines[k] for k, gap in gaps.items()):
            correction.update(gaps)
    for month in {month for _, month in cells}:
        weights = {}
        for service, when in cells:
            if when != month or service in overhead:
                continue
            mine = {k for k in booked if (k[0], k[2]) == (service, month)}
            base = max(sum(direct[k] for k in mine), 0)
            within = (
                {(service, c, month): share for c, share in shares[service, month].items()}
                if (service, month) in divisible
                else {k: Fraction(max(direct[k], 0)) for k in mine}
            )
            whole = sum(within.values())
            # As the table does: in thousandths of a penny, what is less is cut off.
            weights |= {k: Fraction(int(base * 1000 * w / whole)) for k, w in within.items() if w}
        if not any(weights.values()):
            continue
        given_away = {k for k in booked if k[0] in overhead and k[2] == month}
        due = hamilton(sum(shared[k] for k in given_away), weights)
        overheads.update({k: -shared[k] for k in given_away})
        overheads.update(due)
    return {k: (booked[k], correction[k], overheads[k]) for k in {*booked, *correction, *overheads}}


def hamilton(pence: int, weights: Mapping[tuple[str, str, str], Fraction]) -> dict:
    """Whole pence by weight, what does not divide to the largest remainders."""
    whole, sign = sum(weights.values()), -1 if pence < 0 else 1
    exact = {k: abs(pence) * w / whole for k, w in weights.items() if w}
    parts = {k: int(part) for k, part in exact.items()}
    left = abs(pence) - sum(parts.values())
    for k in sorted(exact, key=lambda k: (parts[k] - exact[k], k[0], k[1]))[:left]:
        parts[k] += 1
    return {k: sign * part for k, part in parts.items()}


# Small workspaces

FIELDS = {
    "services": "service_id name overhead main_unit",
    "councils": "council_id name",
    "memberships": "service_id council_id from to",
    "costs": "period service_id council_id cost_type budget_block actual_gbp",
    "ledger": "date service_id council_id cost_type amount_gbp",
    "cost_shares": "year service_id council_id share source",
    "volumes": "period service_id council_id unit quantity kind",
}
TYPES = {"overhead": "boolean", "date": "date"} | dict.fromkeys(
    ("actual_gbp", "amount_gbp", "share", "quantity"), "number"
)
REFERENCE = {
    "services": "desk,Desk,no,calls\npost,Post,no,\nstaff,Staff,no,\nplan,Planning,yes,\n",
    "councils": "ash,Ash\nbor,Bor\ncaw,Caw\n",
}


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Load a workspace of the feeds given, rows as text, and make it what `fetch` answers from."""

    def planted(**feeds: str) -> Workspace:
        rows = {**REFERENCE, **feeds}
        resources = []
        for feed, lines in rows.items():
            names = FIELDS[feed].split()
            (tmp_path / f"{feed}.csv").write_text(",".join(names) + "\n" + lines)
            fields = [{"name": n, "type": TYPES.get(n, "string")} for n in names]
            resources.append({"name": feed, "path": f"{feed}.csv", "schema": {"fields": fields}})
        (tmp_path / "datapackage.json").write_text(
            json.dumps({"name": "small", "resources": resources})
        )
        workspace = Workspace(tmp_path, tmp_path / "datapackage.json", tmp_path / "warehouse")
        assert load(workspace).is_clean
        for name in ("data", "contract", "warehouse"):
            monkeypatch.setenv(name.upper(), str(getattr(workspace, name)))
        return workspace

    return planted


def costs(*rows: str) -> str:
    """Shared employees' cost of the desk in April, but for what a row says itself."""
    full = []
    for row in rows:
        council, amount, *more = row.split()
        said = dict(pair.split("=") for pair in more)
        full.append(
            f"{said.get('period', '2017-04')},{said.get('service', 'desk')},{council},"
            f"{said.get('type', 'Employees')},{said.get('block', 'shared')},{amount}\n"
        )
    return "".join(full)


def shares(**of: str) -> str:
    """Cost shares of 2017/18: desk="ash .5 bor .5"."""
    rows = ""
    for service, said in of.items():
        pairs = said.split()
        for council, share in zip(pairs[::2], pairs[1::2], strict=True):
            rows += f"2017-18,{service},{council},{share},\n"
    return rows


def found(**more) -> dict[tuple[str, str], tuple[str, ...]]:
    """Booked, correction, overheads and true cost by service and council, as text."""
    answer = fetch(
        "true_costs",
        service_id=None,
        council_ids=["ash", "bor", "caw"],
        **{"from_month": date(2017, 4, 1), "to_month": date(2018, 3, 1), **more},
    )
    columns = ("booked_gbp", "correction_gbp", "overheads_gbp", "true_cost_gbp")
    return {
        (r["service_id"], r["council_id"]): tuple(str(r[c]) for c in columns)
        for r in answer.rows()
        if r["service_id"] and r["council_id"]
    }


def test_a_service_booked_by_one_council_is_corrected_to_the_shares_with_its_odd_pence(plant):
    plant(costs=costs("ash 100.00"), cost_shares=shares(desk="ash .3333 bor .3333 caw .3334"))
    # 33.33, 33.33 and 33.34: three thirds that add up to a hundred.
    assert found() == {
        ("desk", "ash"): ("100.00", "-66.67", "0.00", "33.33"),
        ("desk", "bor"): ("0.00", "33.33", "0.00", "33.33"),
        ("desk", "caw"): ("0.00", "33.34", "0.00", "33.34"),
    }


def test_equal_remainders_go_to_the_councils_in_order(plant):
    plant(costs=costs("ash 0.02", "bor 99.99"), cost_shares=shares(desk="ash 1 bor 1 caw 1"))
    # 10,001 pence in three: 3,333 each, and the two odd ones to ash and bor.
    assert [row[3] for row in found().values()] == ["33.34", "33.34", "33.33"]


def test_differences_of_a_penny_a_line_are_rounding_and_of_more_are_corrected(plant):
    booked = ("ash 50.07", "bor 49.93")
    one = costs(*booked)
    plant(costs=one, cost_shares=shares(desk="ash .5 bor .5"))
    assert found()["desk", "ash"] == ("50.07", "-0.07", "0.00", "50.00")


def test_seven_lines_may_be_seven_pence_out(plant):
    kinds = [f"type=K{n}" for n in range(7)]
    rows = [f"ash 10.01 {kind}" for kind in kinds] + [f"bor 9.99 {kind}" for kind in kinds]
    plant(costs=costs(*rows), cost_shares=shares(desk="ash .5 bor .5"))
    assert found()["desk", "ash"] == ("70.07", "0.00", "0.00", "70.07")


def test_shares_count_of_the_councils_served_in_the_month(plant):
    plant(
        memberships="desk,ash,2017-04,\ndesk,bor,2017-04,2017-05\ndesk,caw,2017-06,\n",
        costs=costs("ash 90.00 period=2017-05", "ash 90.00 period=2017-06"),
        cost_shares=shares(desk="ash .5 bor .25 caw .25"),
    )
    may, june = (
        found(from_month=month, to_month=month) for month in (date(2017, 5, 1), date(2017, 6, 1))
    )
    assert {k[1]: row[3] for k, row in may.items()} == {"ash": "60.00", "bor": "30.00"}
    assert {k[1]: row[3] for k, row in june.items()} == {"ash": "60.00", "caw": "30.00"}


def test_a_council_that_was_booked_and_has_no_share_leaves_the_service_as_booked(plant):
    plant(costs=costs("ash 70.00", "bor 30.00"), cost_shares=shares(desk="ash 1"))
    assert {k[1]: row[1:] for k, row in found().items()} == {
        "ash": ("0.00", "0.00", "70.00"),
        "bor": ("0.00", "0.00", "30.00"),
    }


def test_a_share_of_nought_is_a_share_and_pays_nothing(plant):
    plant(costs=costs("ash 70.00", "bor 30.00"), cost_shares=shares(desk="ash 1 bor 0"))
    assert {k[1]: row[3] for k, row in found().items()} == {"ash": "100.00", "bor": "0.00"}


def test_shares_that_are_all_nought_share_nothing_out(plant):
    plant(costs=costs("ash 70.00", "bor 30.00"), cost_shares=shares(desk="ash 0 bor 0"))
    assert {k[1]: row[3] for k, row in found().items()} == {"ash": "70.00", "bor": "30.00"}


def test_where_a_calendar_and_a_financial_year_both_give_a_share_the_later_holds(plant):
    rows = shares(desk="ash .5 bor .5") + "2017,desk,ash,1,\n2017,desk,bor,0,\n"
    plant(costs=costs("ash 100.00", "bor 0.00"), cost_shares=rows)
    assert [row[3] for row in found().values()] == ["50.00", "50.00"]


def test_income_and_recharges_are_told_apart_and_shared_with_the_rest(plant):
    plant(
        costs=costs("ash 100.00", "ash -30.00 type=Income", "ash 10.00 type=Recharges"),
        cost_shares=shares(desk="ash .5 bor .5"),
    )
    row = fetch("true_costs", service_id="desk", council_ids=["ash"], **SPAN).rows()[0]
    steps = ("direct_gbp", "income_gbp", "recharges_gbp", "booked_gbp", "true_cost_gbp")
    assert [str(row[c]) for c in steps] == ["100.00", "-30.00", "10.00", "80.00", "40.00"]


def test_what_is_not_shared_stays_with_its_council(plant):
    plant(
        costs=costs("ash 100.00", "ash 25.00 block=non_shared"),
        cost_shares=shares(desk="ash .5 bor .5"),
    )
    assert [row[3] for row in found().values()] == ["75.00", "50.00"]


def test_overheads_reach_a_council_that_is_booked_none_in_the_services_that_it_takes(plant):
    plant(
        costs=costs(
            "ash 60.00", "bor 40.00", "ash 300.00 service=post", "bor 10.00 service=plan",
            "ash 30.00 service=plan",
        ),
        cost_shares=shares(desk="ash .6 caw .4", post="ash .5 caw .5"),
    )  # fmt: skip
    # Desk has no share for bor and stays as booked. Planning's £40 goes 100 : 300 to desk and post.
    assert found() == {
        ("desk", "ash"): ("60.00", "0.00", "6.00", "66.00"),
        ("desk", "bor"): ("40.00", "0.00", "4.00", "44.00"),
        ("plan", "ash"): ("30.00", "0.00", "-30.00", "0.00"),
        ("plan", "bor"): ("10.00", "0.00", "-10.00", "0.00"),
        ("post", "ash"): ("300.00", "-150.00", "15.00", "165.00"),
        ("post", "caw"): ("0.00", "150.00", "15.00", "165.00"),
    }


def test_overheads_go_by_direct_cost_without_income(plant):
    plant(
        costs=costs(
            "ash 100.00", "ash 100.00 service=post", "ash -90.00 service=post type=Income",
            "ash 20.00 service=plan",
        ),
        cost_shares=shares(desk="ash 1", post="ash 1"),
    )  # fmt: skip
    assert [row[2] for row in found().values()] == ["10.00", "-20.00", "10.00"]


def test_a_credit_is_shared_out_like_a_cost(plant):
    plant(
        costs=costs("ash -100.01", "bor 50.00 service=post", "bor -0.05 service=plan"),
        cost_shares=shares(desk="ash .5 bor .5", post="bor 1"),
    )
    rows = found()
    assert rows["desk", "ash"][3] == "-50.01" and rows["desk", "bor"][3] == "-50.00"
    # The desk's cost is below nought, so that all of Planning's credit goes to post.
    assert rows["post", "bor"][2] == "-0.05" and rows["plan", "bor"][2:] == ("0.05", "0.00")


def test_without_other_services_overheads_stay_where_they_are(plant):
    plant(costs=costs("ash 10.00 service=plan"), cost_shares=shares(plan="ash .5 bor .5"))
    assert found() == {("plan", "ash"): ("10.00", "0.00", "0.00", "10.00")}


def test_without_budget_blocks_a_service_is_shared_where_it_has_shares(plant):
    plant(
        costs=costs("ash 100.00 block=", "ash 100.00 block= service=post"),
        cost_shares=shares(desk="ash .5 bor .5"),
    )
    assert {k: row[3] for k, row in found().items()} == {
        ("desk", "ash"): "50.00",
        ("desk", "bor"): "50.00",
        ("post", "ash"): "100.00",
    }


def test_a_ledger_alone_is_enough(plant):
    plant(
        ledger="2017-04-03,desk,ash,Employees,60.00\n2017-04-28,desk,ash,Employees,40.00\n",
        cost_shares=shares(desk="ash .25 bor .75"),
    )
    assert [row[3] for row in found().values()] == ["25.00", "75.00"]
    exhibit = true_cost.steps(service_id=None, council_ids=("ash", "bor"), **SPAN)
    assert "adds up to the £100.00 that was booked, to the penny. Minus" in exhibit.subtitle


def test_yearly_costs_go_by_the_year_s_shares(plant):
    plant(
        costs=costs("ash 100.00 period=2017-18", "ash 100.00 period=2016-17"),
        cost_shares=shares(desk="ash .25 bor .75"),
    )
    assert [row[3] for row in found().values()] == ["25.00", "75.00"]
    before = found(from_month=date(2016, 4, 1), to_month=date(2017, 3, 1))
    assert before == {("desk", "ash"): ("100.00", "0.00", "0.00", "100.00")}


_councils, _months = ("x", "y", "z"), ("2017-04", "2017-05")
_rows = st.lists(
    st.builds(
        Booked,
        service=st.sampled_from("abop"),
        council=st.sampled_from(_councils),
        month=st.sampled_from(_months),
        kind=st.sampled_from(["Employees", "Income", "Recharges"]),
        block=st.sampled_from(["shared", "non_shared", ""]),
        pence=st.one_of(st.none(), st.integers(-(10**7), 10**7), st.integers(-9, 9)),
    ),
    min_size=1,
    max_size=14,
)
_shares = st.dictionaries(
    st.tuples(st.sampled_from("abo"), st.sampled_from(_councils)),
    st.sampled_from(["0", "0.15", "0.3333", "0.42", "0.43", "0.5", "1"]),
)
_served = st.one_of(
    st.just(None),
    st.sets(
        st.tuples(st.sampled_from("abo"), st.sampled_from(_councils), st.sampled_from(_months))
    ),
)


@profile(max_examples=150, derandomize=True, deadline=timedelta(seconds=5))
@given(rows=_rows, shares=_shares, served=_served)
def test_whatever_is_booked_each_month_adds_up_and_is_as_worked_out_by_hand(rows, shares, served):
    of: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
    for (service, council), share in shares.items():
        for month in _months:
            if not served or (service, council, month) in served:
                of[service, month][council] = Fraction(share)
    with duckdb.connect() as con:
        con.execute(
            "create schema staging;"
            "create table staging.services (service_id varchar, overhead boolean);"
            "create table memberships (service_id varchar, council_id varchar,"
            " from_month date, to_month date);"
            "create table cost_shares (service_id varchar, council_id varchar, share double,"
            " from_month date, to_month date);"
            "create table costs (service_id varchar, council_id varchar, month date,"
            " cost_type varchar, budget_block varchar, actual_gbp decimal(18, 2),"
            " is_illustrative boolean)"
        )
        _insert(con, "staging.services", [(s, s in "op") for s in "abop"])
        _insert(con, "memberships", [(s, c, f"{m}-01", f"{m}-01") for s, c, m in served or ()])
        _insert(
            con,
            "cost_shares",
            [(s, c, float(x), "2017-04-01", "2018-03-01") for (s, c), x in shares.items()],
        )
        _insert(
            con,
            "costs",
            [
                (*r[:2], f"{r.month}-01", r.kind, r.block or None,
                 None if r.pence is None else Decimal(r.pence).scaleb(-2), False)
                for r in rows
            ],
        )  # fmt: skip
        methods.offer(con)
        con.execute(SQL)
        table = con.execute(
            "select service_id, council_id, strftime(month, '%Y-%m'), booked_gbp, correction_gbp, "
            "overheads_gbp, true_cost_gbp from true_costs"
        ).fetchall()
    cells = {tuple(r[:3]): tuple(int(x * 100) for x in r[3:6]) for r in table}
    assert len(cells) == len(table)
    assert {k: v for k, v in cells.items() if any(v)} == {
        k: v for k, v in worked_out(rows, of, "op").items() if any(v)
    }
    for month in _months:
        mine = [r for r in table if r[2] == month]
        booked = sum(r.pence for r in rows if r.month == month and r.pence is not None)
        assert sum((r[6] for r in mine), Decimal(0)) == Decimal(booked).scaleb(-2)


def _insert(con, table: str, rows: list[tuple]) -> None:
    if rows:
        con.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)


# The shipped workspace, from its csv files


def _read(pattern: str) -> list[dict[str, str]]:
    rows = []
    for path in sorted((settings.ROOT / "data").glob(pattern)):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


@pytest.fixture(scope="module")
def shipped_costs() -> list[Booked]:
    return [
        Booked(
            *(r[c] for c in ("service_id", "council_id", "period", "cost_type", "budget_block")),
            int(Decimal(r["actual_gbp"]) * 100) if r["actual_gbp"] else None,
        )
        for r in _read("costs/*.csv")
    ]


def _rows_of_table(workspace: Workspace) -> dict[tuple[str, str, str], tuple[int, ...]]:
    snapshot = next(Path(workspace.warehouse).glob("snapshot-*.duckdb"))
    with duckdb.connect(str(snapshot), read_only=True) as con:
        return {
            tuple(r[:3]): tuple(int(x * 100) for x in r[3:])
            for r in con.execute(
                "select service_id, council_id, strftime(month, '%Y-%m'), booked_gbp, "
                "correction_gbp, overheads_gbp, true_cost_gbp, "
                "direct_gbp + income_gbp + recharges_gbp from true_costs"
            ).fetchall()
        }


def test_ledger_costs_and_true_cost_agree_to_the_penny_as_worked_out_from_the_files(
    use, shipped_costs
):
    table = _rows_of_table(use("shipped"))
    ledger: dict[tuple[str, str, str], int] = defaultdict(int)
    for r in _read("ledger/*.csv"):
        key = r["service_id"], r["council_id"], r["date"][:7]
        ledger[key] += int(Decimal(r["amount_gbp"]) * 100)
    booked: dict[tuple[str, str, str], int] = defaultdict(int)
    for r in shipped_costs:
        booked[r.service, r.council, r.month] += r.pence or 0
    assert {k: v for k, v in ledger.items() if v} == {k: v for k, v in booked.items() if v}
    assert {k: v[0] for k, v in table.items() if v[0]} == {k: v for k, v in booked.items() if v}
    assert all(v[4] == v[0] for v in table.values())

    served = {
        (m["service_id"], m["council_id"]): (m["from"], m["to"] or "9999")
        for m in _read("reference/memberships.csv")
    }
    given = {
        (r["service_id"], r["council_id"], r["year"]): Fraction(r["share"])
        for r in _read("cost_shares.csv")
    }
    of: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
    for service, month in {(r.service, r.month) for r in shipped_costs}:
        first = int(month[:4]) - (month[5:] < "04")
        year = f"{first}-{(first + 1) % 100:02d}"
        for (s, council, y), share in given.items():
            spell = served.get((s, council), ("9999", ""))
            if (s, y) == (service, year) and spell[0] <= month <= spell[1]:
                of[service, month][council] = share
    overhead = [s["service_id"] for s in _read("reference/services.csv") if s["overhead"] == "yes"]
    right = worked_out(shipped_costs, of, overhead)
    assert {k: v[:3] for k, v in table.items() if any(v)} == {
        k: v for k, v in right.items() if any(v)
    }
    assert all(v[3] == sum(v[:3]) for v in table.values())
    for month in {k[2] for k in table}:
        mine = [v for k, v in table.items() if k[2] == month]
        assert sum(v[3] for v in mine) == sum(v[0] for v in mine)


EVERYBODY = ("havering", "newham", "bexley")


def _raw(exhibit) -> list[dict]:
    return [dict(zip(exhibit.table.raw_columns, r, strict=True)) for r in exhibit.table.raw_rows]


def test_the_page_s_first_finding_names_the_council_furthest_from_what_it_was_booked(use):
    use("shipped")
    exhibit = true_cost.steps(service_id=None, council_ids=EVERYBODY, **SPAN)
    assert exhibit.title == (
        "Bexley is booked £5.61m and truly costs £5.67m: it bears £60,789 of overheads that it is "
        "not charged for"
    )
    assert (
        "adds up to the £62,298,999.88 that was booked, to the penny; the ledger says the same"
        in exhibit.subtitle
    )
    bexley = next(r for r in _raw(exhibit) if r["council_id"] == "bexley")
    assert {c: str(v) for c, v in bexley.items() if c.endswith("gbp")} == {
        "direct_gbp": "5986879.84",
        "income_gbp": "-551360.00",
        "recharges_gbp": "170480.00",
        "booked_gbp": "5605999.84",
        "correction_gbp": "0.10",
        "overheads_gbp": "60789.35",
        "true_cost_gbp": "5666789.29",
    }
    for row in _raw(exhibit):
        steps = [row[c] for c in ("booked_gbp", "correction_gbp", "overheads_gbp")]
        assert sum(steps) == row["true_cost_gbp"]


def test_each_step_of_a_council_is_drawn_from_where_the_one_before_ended(plant):
    plant(
        costs=costs(
            "ash 100.00", "ash -30.00 type=Income", "bor 40.00 service=plan",
            "ash 10.00 type=Recharges",
        ),
        cost_shares=shares(desk="ash .5 bor .5"),
    )  # fmt: skip
    exhibit = true_cost.steps(service_id="desk", council_ids=("ash",), **SPAN)
    assert exhibit.title == "Desk is booked £80 and truly costs £60, £20 of it overheads"
    chart = exhibit.chart
    drawn = {
        name: (bar.name, bar.starts[at], bar.values[at])
        for bar in chart.bars
        for at, name in enumerate(chart.categories)
        if bar.values[at] is not None
    }
    assert drawn == {
        "Ash: direct cost": ("Cost", 0, 100),
        "Ash: income": ("Takes off", 100, -30),
        "Ash: recharges": ("Adds", 70, 10),
        "Ash: booked": ("Cost", 0, 80),
        "Ash: cost share": ("Takes off", 80, -40),
        "Ash: overheads": ("Adds", 40, 20),
        "Ash: true cost": ("Cost", 0, 60),
    }
    assert chart.notes == ("£100", "−£30", "+£10", "£80", "−£40", "+£20", "£60")
    figure = figures(exhibit)[0]
    assert figure["layout"]["xaxis"]["range"][1] >= 100
    assert [t["base"] for t in figure["data"]] == [list(chart.bars[0].starts)] * 3
    assert 'style="border-top:3px solid #A33F0B"></span> Adds' in text.head(exhibit)


def test_where_ledger_and_costs_differ_it_says_by_how_much_for_each_service(plant):
    plant(
        costs=costs("ash 100.00", "ash 50.00 service=post", "ash 7.00 service=staff"),
        ledger="2017-04-03,desk,ash,Employees,110.50\n2017-04-03,post,ash,Employees,49.99\n"
        "2017-04-03,staff,ash,Employees,7.00\n",
    )
    exhibit = true_cost.steps(service_id=None, council_ids=("ash",), **SPAN)
    assert (
        "adds up to the £157.00 that was booked, to the penny. "
        "The ledger has £10.50 more for Desk and £0.01 less for Post." in exhibit.subtitle
    )
    alone = true_cost.steps(service_id="staff", council_ids=("ash",), **SPAN)
    assert "the ledger says the same" in alone.subtitle


def test_services_that_support_the_others_are_named_and_each_leads_to_its_own_steps(use):
    use("shipped")
    exhibit = true_cost.by_service(council_ids=EVERYBODY, **SPAN)
    assert exhibit.title == (
        "Finance truly costs most: £15.5m; Business Improvement and Project Management Office "
        "(£791,340) are borne by the services that they support"
    )
    assert "true_cost?service=ICT" in text.table(exhibit)
    assert sum(r["overheads_gbp"] for r in _raw(exhibit)[:-1]) == 0


def test_published_shares_stand_as_published_with_their_source(use):
    use("shipped")
    exhibit = true_cost.agreed_shares(service_id="finance", **SPAN)
    assert (
        exhibit.title
        == "As agreed, Finance is shared 43% Newham, 42% Havering and 15% Bexley (2017/18)"
    )
    source = "Published council papers (democracy.havering.gov.uk; jobs.themj.co.uk)"
    rows = [[c.lines[0][0] for c in row] for row in exhibit.table.rows]
    assert [(r[2], r[3], r[5]) for r in rows] == [
        ("Havering", "42%", source),
        ("Newham", "43%", source),
        ("Bexley", "15%", source),
    ]
    assert source in exhibit.provenance.sentence()
    everything = true_cost.agreed_shares(service_id=None, **SPAN)
    assert everything.title == (
        "As agreed, the shared cost of £45.7m is borne 47% by Newham, 45% by Havering "
        "and 8% by Bexley"
    )
    assert {r["source"] for r in _raw(everything)} == {source, "illustrative"}


def test_a_workspace_without_shares_says_that_costs_stand_as_booked(plant):
    plant(costs=costs("ash 100.00"))
    exhibit = true_cost.agreed_shares(service_id=None, **SPAN)
    assert "costs stand as they were booked" in exhibit.empty
    assert true_cost.steps(service_id=None, council_ids=("ash", "bor"), **SPAN).title == (
        "Ash is booked what it truly costs, £100"
    )
    assert not reference.has("cost_shares")


def test_of_many_councils_booked_and_true_cost_are_compared(plant):
    names = [f"c{n}" for n in range(6)]
    plant(
        councils="".join(f"{n},{n.upper()}\n" for n in names),
        costs=costs(*(f"{n} 60.00" for n in names)),
        cost_shares=shares(desk=" ".join(f"{n} {1 if n == 'c0' else 0}" for n in names)),
    )
    exhibit = true_cost.steps(service_id=None, council_ids=tuple(names), **SPAN)
    assert [b.name for b in exhibit.chart.bars] == ["True cost", "Booked"]
    assert exhibit.chart.notes[0] == "£360, +£300"
    assert exhibit.title == (
        "C0 is booked £60 and truly costs £360: "
        "by its cost shares it bears £300 more than was booked"
    )

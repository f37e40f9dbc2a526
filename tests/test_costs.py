"""Costs by block, type and cause, and forecasts beside outturns, on rows small enough to add up.

Two services of two councils. In 2017/18 Roads spend 1,000.02 over budget in all:

    Staff    shared      bexley   budget 6,000.00   spent 6,400.01     400.01 over
    Staff    shared      newham   budget 6,000.00   spent 5,900.00     100.00 under
    Works    non-shared  newham   budget 1,200.00   spent 1,500.01     300.01 over
    Income   non-shared  newham   budget −2,400.00  received 2,000.00  400.00 over: less income

Parks spend 500 and their budget is 600.
"""

import csv
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from dashboard import settings, words
from dashboard.exhibits import costs, outturn, reference, variance
from dashboard.load.publish import load
from dashboard.render import text
from dashboard.settings import Workspace
from dashboard.warehouse import fetch

BOTH = ("bexley", "newham")
MARCH = date(2018, 3, 1)
FIELDS = {
    "services": "service_id name",
    "councils": "council_id name kind",
    "costs": "period service_id council_id cost_type budget_block budget_gbp forecast_gbp "
    "actual_gbp",
    "published": "period topic council_id service_id figure unit text source feed",
}
MONEY = {"budget_gbp", "forecast_gbp", "actual_gbp", "figure"}
# Half in April, half in March: budget and actual of each part of the year.
PARTS = (
    ("roads", "bexley", "Staff", "shared", "6000.00", "6400.01"),
    ("roads", "newham", "Staff", "shared", "6000.00", "5900.00"),
    ("roads", "newham", "Works", "non_shared", "1200.00", "1500.01"),
    ("roads", "newham", "Income", "non_shared", "-2400.00", "-2000.00"),
    ("parks", "bexley", "Staff", "shared", "600.00", "500.00"),
)


def _year(year: int, *, forecasts: dict[str, dict[str, str]] | None = None) -> str:
    """Rows of every month, nought but in April and March; forecasts by month, service and type."""
    rows = []
    for service, council, kind, block, budget, actual in PARTS:
        half, spent = Decimal(budget) / 2, Decimal(actual)
        for place in range(12):
            month = f"{(place + 3) % 12 + 1:02d}"
            said = (forecasts or {}).get(month, {}).get(f"{service} {kind} {council}", "")
            b, a = {"04": (half, spent), "03": (half, 0)}.get(month, (0, 0))
            at = f"{year + (place > 8)}-{month}"
            rows.append(f"{at},{service},{council},{kind},{block},{b},{said},{a}\n")
    return "".join(rows)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """Load rows of costs, and of published figures, into a workspace that fetch answers from."""

    def loaded(rows: str, published: str = "") -> None:
        data = tmp_path / "data"
        data.mkdir()
        files = {
            "services": "roads,Roads\nparks,Parks\n",
            "councils": "bexley,Bexley,council\nnewham,Newham,council\nall,All,whole\n",
            "costs": rows,
            "published": published,
        }
        resources = []
        for feed, fields in FIELDS.items():
            (data / f"{feed}.csv").write_text(fields.replace(" ", ",") + "\n" + files[feed])
            given = [
                {"name": f, "type": "number" if f in MONEY else "string"} for f in fields.split()
            ]
            resources.append({"name": feed, "path": f"{feed}.csv", "schema": {"fields": given}})
        (data / "datapackage.json").write_text(json.dumps({"name": "s", "resources": resources}))
        made = Workspace(data, data / "datapackage.json", tmp_path / "warehouse")
        for name in ("data", "contract", "warehouse"):
            monkeypatch.setenv(name.upper(), str(getattr(made, name)))
        assert load(made).is_clean

    return loaded


def _of(**chosen) -> dict:
    return {"service_id": None, "council_ids": BOTH, "to_month": MARCH, **chosen}


def _said(table) -> dict[str, list[str]]:
    return {
        row[0].lines[0][0]: ["; ".join(t for t, _ in c.lines) for c in row[1:]]
        for row in table.rows
    }


def test_the_bridge_of_one_service_goes_from_budget_to_outturn_by_cost_type(workspace):
    workspace(_year(2017))
    found = variance.bridge(**_of(service_id="roads"))
    assert found.title == (
        "Roads, 2017/18: £1,000 (9%) over budget; furthest over Income, £400 (less came in)"
    )
    steps = [(s.name, s.kind, s.start, s.end, s.note, s.mark) for s in found.chart.steps]
    assert steps == [
        ("Budget £10,800", "start", 0, 0, "", None),
        ("Income: less than budgeted", "step", 0, 400, "£400 over", "over"),
        ("Staff", "step", 400, 700.01, "£300 over", "over"),
        ("Works", "step", 700.01, 1000.02, "£300 over", "over"),
        ("Outturn £11,800", "total", 0, 1000.02, "£1,000 over", "over"),
    ]
    assert _said(found.table)["Income"] == [
        "−£2,400.00", "−£2,000.00", "£400.00 over: less income", "£400.00",
    ]  # fmt: skip
    assert _said(found.table)["Together"] == [
        "£10,800.00", "£11,800.02", "£1,000.02 over", "£1,000.02",
    ]  # fmt: skip
    assert "brackets" in found.subtitle and costs.SIGN in found.subtitle


def test_what_is_no_longer_reported_is_not_told_as_a_saving(workspace):
    workspace(
        "2016-04,roads,bexley,Staff,,,,90\n2016-04,parks,bexley,Staff,,,,40\n"
        "2017-04,roads,bexley,Staff,,,,100\n"
    )
    found = costs.to_date(**_of())
    assert found.title == (
        "The services cost £100 in 2017/18, not to be compared with the year before: Bexley’s "
        "Parks last reported for April 2016"
    )
    assert costs.to_date(**_of(service_id="roads")).title == (
        "Roads cost £100 in 2017/18; £90 the year before"
    )


def test_the_bridge_of_all_services_is_by_service_or_as_it_is_split(workspace):
    workspace(_year(2017))
    by_service = variance.bridge(**_of())
    assert [s.name for s in by_service.chart.steps] == [
        "Budget £11,400", "Roads", "Parks", "Outturn £12,300",
    ]  # fmt: skip
    assert by_service.chart.steps[2].note == "£100 under"
    by_council = variance.bridge(**_of(by="council_id"))
    assert [s.name for s in by_council.chart.steps[1:-1]] == ["Newham", "Bexley"]


def test_before_march_the_bridge_leads_to_what_was_spent_and_not_to_an_outturn(workspace):
    workspace(_year(2017))
    found = variance.bridge(**_of(service_id="parks", to_month=date(2017, 6, 1)))
    assert [s.name for s in found.chart.steps] == ["Budget £300", "Staff", "Spent so far £500"]


def test_a_bridge_of_more_causes_than_are_drawn_still_adds_up(workspace, monkeypatch):
    monkeypatch.setattr(settings, "ROWS_DRAWN", 1)
    workspace(_year(2017))
    steps = variance.bridge(**_of(service_id="roads")).chart.steps
    assert [(s.name, s.end) for s in steps[1:]] == [
        ("Income: less than budgeted", 400), ("2 others", 1000.02), ("Outturn £11,800", 1000.02),
    ]  # fmt: skip


def test_shared_and_non_shared_stand_apart_and_then_together_beside_what_was_published(workspace):
    published = (
        '2017-18,"Outturn against budget, shared",bexley,,0.3,£m,"Bexley £0.3m",A paper,costs\n'
        '2017-18,"Outturn against budget, shared",all,,0.2,£m,"All £0.2m",A paper,costs\n'
    )
    workspace(_year(2017), published)
    found = variance.blocks(**_of())
    assert found.title == (
        "All services, 2017/18: shared budgets £200 (2%) over and non-shared budgets £700 over"
    )
    steps = [(s.name, s.kind, s.start, s.end) for s in found.chart.steps]
    assert steps == [
        ("Shared, Bexley", "step", 0, 300.01),
        ("Shared, Newham", "step", 300.01, 200.01),
        ("Shared, together", "total", 0, 200.01),
        ("Non-shared, Newham", "step", 0, 700.01),
        ("Non-shared, together", "total", 0, 700.01),
        ("Both together", "total", 0, 900.02),
    ]
    said = _said(found.table)
    assert said["Shared, Bexley"][-1] == "Bexley £0.3m"
    assert said["Shared, together"][-1] == "All £0.2m"
    assert said["Shared, Newham"][-1] == "not published"
    assert "As published: A paper" in found.provenance.notes
    # Of some councils only, a figure of all councils is none of theirs.
    assert "All £0.2m" not in str(_said(variance.blocks(**_of(council_ids=("bexley",))).table))


def test_blocks_of_any_name_stand_apart(workspace):
    workspace(_year(2017).replace(",shared,", ",HRA,"))
    found = variance.blocks(**_of())
    assert [row[0].lines[0][0] for row in found.table.rows] == [
        *("Non-shared, Newham", "Non-shared, together"),
        *("HRA, Bexley", "HRA, Newham", "HRA, together", "Both together"),
    ]
    assert costs.to_date(**_of(budget_block="HRA")).title.startswith("All services, HRA budgets")
    assert _said(costs.to_date(**_of(by="budget_block")).table).keys() == {
        *("Non-shared", "HRA", "Together"),
    }


def test_one_block_can_be_looked_at_alone(workspace):
    workspace(_year(2017))
    alone = _of(budget_block="non_shared")
    assert costs.to_date(**alone).title.startswith(
        "All services, non-shared budgets cost −£500 in 2017/18, £700 over"
    )
    assert [e.name for e in variance.where_budgeted(**alone)] == ["variance.bridge"]
    through = costs.through_the_year(
        service_id="roads", council_ids=BOTH, from_month=date(2017, 4, 1), to_month=MARCH,
        cost_type="Works", budget_block="non_shared",
    )  # fmt: skip
    assert through.title == (
        "Roads, Works, non-shared budgets: £1,500 spent by March 2018, £300 (25%) over"
    )


def test_without_any_budget_there_is_no_bridge_and_with_some_lacking_none_that_is_wrong(workspace):
    none = "2018-03,roads,bexley,Staff,shared,,,5\n"
    workspace(none)
    assert variance.where_budgeted(**_of()) == []
    assert costs.to_date(**_of()).title == "The services cost £5 in 2017/18"


def test_what_was_spent_without_a_budget_makes_no_variance(workspace):
    workspace(_year(2017) + "2018-03,parks,newham,Works,shared,,,7\n")
    found = variance.bridge(**_of(service_id="parks"))
    assert found.chart is None
    assert found.empty.startswith("There is 1 figure of what was spent without a budget")
    shown = _said(costs.to_date(**_of(by="service_id")).table)
    assert shown["Parks"][:3] == [
        "£507.00", "£600.00",
        "not known: some figures lack a budget; £500 against £600 in what was reported",
    ]  # fmt: skip
    assert shown["Roads"][2] == "£1,000.02 over"
    assert "over" not in costs.to_date(**_of()).title


FORECASTS = {
    "06": {
        "roads Staff bexley": "6300", "roads Staff newham": "6000", "roads Works newham": "1300",
        "roads Income newham": "-2400",
    },
    "03": {
        "roads Staff bexley": "6400.01", "roads Staff newham": "5900",
        "roads Works newham": "1500.01", "roads Income newham": "-2000",
        "parks Staff bexley": "500",
    },
}  # fmt: skip


def test_a_forecast_that_lacks_a_part_is_compared_without_it_and_says_so(workspace):
    workspace(_year(2017, forecasts=FORECASTS))
    found = outturn.forecasts(**_of())
    # Parks, 500 of the outturn, had no forecast in June: 11,200 is of the other four parts.
    assert found.title == (
        "All services, 2017/18: the forecast at period 3 was £600 (5.1%) below the outturn "
        "(of the 4 of 5 parts that had one)"
    )
    said = _said(found.table)
    assert said["2017/18, together"] == [
        "£11,200.00; of 4 of 5 parts; £600 (5.1%) below the outturn",
        "£12,300.02; the outturn itself",
        "£12,300.02",
    ]
    assert said["2017/18, Parks"] == ["none reported", "£500.00; the outturn itself", "£500.00"]
    assert outturn.forecasts(**_of(service_id="roads", cost_type="Works")).title.endswith(
        "the forecast at period 3 was £200 (13.3%) below the outturn"
    )


def test_a_part_that_ended_counts_with_what_it_had_cost_by_then(workspace):
    ended = "2017-04,parks,newham,Works,shared,10,,12\n"
    workspace(_year(2017, forecasts=FORECASTS) + ended)
    found = outturn.forecasts(**_of(service_id="parks"))
    assert _said(found.table)["2017/18, together"] == [
        "£12.00; of 1 of 2 parts; the outturn itself", "£512.00; the outturn itself", "£512.00",
    ]  # fmt: skip


def test_while_a_year_lasts_its_forecasts_stand_without_an_outturn(workspace):
    workspace(_year(2017, forecasts=FORECASTS))
    found = outturn.forecasts(**_of(service_id="roads", to_month=date(2017, 6, 1)))
    assert found.title == "Roads, 2017/18: £11,200 was forecast in June 2017"
    assert _said(found.table)["2017/18, together"] == ["£11,200.00", "not yet known"]
    whole = costs.to_date(**_of(service_id="roads", to_month=date(2017, 6, 1)))
    assert "Forecast of the year in June 2017: £11,200" in whole.subtitle
    lacking = costs.to_date(**_of(to_month=date(2017, 6, 1)))
    assert "Forecast of the year in June 2017: incomplete, 1 part without one." in lacking.subtitle


def test_forecasts_and_outturns_of_two_years_are_not_joined(workspace):
    from_april = {"04": FORECASTS["06"], "03": FORECASTS["03"]}
    workspace(_year(2016, forecasts=from_april) + _year(2017, forecasts=from_april))
    lines = outturn.forecasts(**_of(service_id="roads")).chart.panels[0].lines
    assert [(x.name, [v is None for v in x.values]) for x in lines] == [
        ("Forecast of the year", [False, False, True, False, False]),
        ("Outturn", [False, False, True, False, False]),
    ]
    assert lines[0].months[2] == date(2017, 4, 1)


def test_every_past_year_keeps_its_forecasts(workspace):
    workspace(_year(2016, forecasts=FORECASTS) + _year(2017, forecasts=FORECASTS))
    found = outturn.forecasts(**_of(service_id="roads"))
    assert list(_said(found.table)) == [
        "2017/18, together", "2017/18, Bexley", "2017/18, Newham",
        "2016/17, together", "2016/17, Bexley", "2016/17, Newham",
    ]  # fmt: skip
    assert "off by 5.1% on average over 2 years" in found.subtitle
    forecast = found.chart.panels[0].lines[0]
    assert forecast.values == (11200.0, 11800.02, None, 11200.0, 11800.02)


# --- the shipped data

SPAN = {"from_month": date(2014, 4, 1), "to_month": MARCH}
EVERYBODY = ("havering", "newham", "bexley")


def _csv(feed: str) -> list[dict[str, str]]:
    rows = []
    for path in sorted((settings.ROOT / "data" / feed).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def _sums(rows: list[dict[str, str]], month: str, amount: str, *keys: str) -> dict:
    found: dict = defaultdict(Decimal)
    for row in rows:
        found[row[month][:7], *(row[k] for k in keys)] += Decimal(row[amount])
    return {key: value for key, value in found.items() if value}


def test_ledger_and_costs_agree_to_the_penny_in_every_month_and_cost_type(use):
    use("shipped")
    spent, lines = _csv("costs"), _csv("ledger")
    keys = ("service_id", "council_id", "cost_type")
    by_type = _sums(lines, "date", "amount_gbp", *keys)
    assert by_type == _sums(spent, "period", "actual_gbp", *keys)
    # As the queries answer: each council and month by service and by cost type.
    services = _sums(lines, "date", "amount_gbp", "council_id", "service_id")
    types = _sums(lines, "date", "amount_gbp", "council_id", "cost_type")
    answered: dict = {"service_id": {}, "cost_type": {}}
    for month in sorted({date.fromisoformat(f"{key[0]}-01") for key in services}):
        for council in EVERYBODY:
            for row in fetch(
                "spending_parts", service_id=None, council_ids=(council,), cost_type=None,
                supplier=None, from_month=month, to_month=month,
            ).rows():  # fmt: skip
                by = "service_id" if row["service_id"] else "cost_type"
                if row[by] is None:
                    continue
                assert (row["ledger_gbp"] or 0) == (row["actual_gbp"] or 0), (month, council, row)
                if row["ledger_gbp"]:
                    answered[by][f"{month:%Y-%m}", council, row[by]] = row["ledger_gbp"]
    assert answered == {"service_id": services, "cost_type": types}


def test_the_published_outturn_stands_beside_the_same_sum_of_the_costs(use):
    use("shipped")
    found = variance.blocks(service_id=None, council_ids=EVERYBODY, to_month=MARCH)
    shown = {name: (cells[2], cells[3]) for name, cells in _said(found.table).items()}
    assert shown == {
        "Shared, Havering": ("£630,000.00 under", "Havering shared outturn (£0.630m), 2017/18"),
        "Shared, Newham": ("£649,000.00 under", "Newham shared outturn (£0.649m), 2017/18"),
        "Shared, Bexley": ("£63,000.00 under", "Bexley shared outturn (£0.063m), 2017/18"),
        "Shared, together": ("£1,342,000.00 under", "Shared outturn (£1.342m), 2017/18"),
        "Non-shared, Havering": (
            "£812,000.00 under", "Havering non-shared outturn (£0.812m), 2017/18",
        ),
        "Non-shared, Newham": (
            "£7,065,000.00 over", "Newham non-shared outturn £7.065m, 2017/18",
        ),
        "Non-shared, Bexley": (
            "£407,000.00 under", "Bexley non-shared outturn (£0.407m), 2017/18",
        ),
        "Non-shared, together": ("£5,846,000.00 over", "not published"),
        "Both together": ("£4,504,000.00 over", "not published"),
    }  # fmt: skip
    assert "As published: oneSource Joint Committee, August 2018" in text.foot(found)
    # Every published outturn is the sum of the costs, in Decimal.
    gaps = {(r[0], r[1]): r[5] for r in found.table.raw_rows}
    for row in fetch("published", feed="costs", **SPAN).rows():
        if "outturn" in row["topic"].lower():
            block = "non_shared" if "non-shared" in row["topic"] else "shared"
            council = "together" if row["council_id"] == "all" else row["council_id"]
            assert gaps[block, council] == Decimal(str(row["figure"])) * 1_000_000


def test_bridges_of_the_shipped_data_add_up_to_the_penny_however_they_are_split(use):
    use("shipped")
    for service in (None, *reference.service_names()):
        for by in ("service_id", "council_id", "cost_type", "budget_block"):
            whole, parts = costs.of_year(service, EVERYBODY, MARCH, None, None, by)
            if whole is None:
                continue
            for column in ("budget_gbp", "actual_gbp", "year_budget_gbp", "forecast_gbp"):
                assert sum(r[column] or 0 for r in parts) == whole[column], (service, by, column)


def test_money_is_short_in_words_and_exact_in_tables(use):
    use("shipped")
    found = costs.to_date(service_id=None, council_ids=EVERYBODY, to_month=MARCH)
    assert found.title == "The services cost £62.3m in 2017/18, £4.5m (8%) over"
    assert _said(found.table)["Together"][:3] == [
        "£62,298,999.88", "£57,794,999.88", "£4,504,000.00 over",
    ]  # fmt: skip
    assert words.variance_exact(Decimal("1.00"), Decimal("1.02")) == "£0.02 under"

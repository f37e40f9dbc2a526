"""An illustrative workspace: four years of a shared back office, made up around published figures.

Figures that councils have published stand in it exactly, with their source; everything else is
drawn at random and its source is left empty. The same seed gives the same bytes.
"""

from pathlib import Path

from dashboard.illustrative import reference
from dashboard.illustrative.benchmarks import benchmark_rows
from dashboard.illustrative.files import write_rows
from dashboard.illustrative.ledger import write_ledger
from dashboard.illustrative.measures import MEASURES, Measure
from dashboard.illustrative.money import cost_rows, draw_costs
from dashboard.illustrative.performance import performance_rows
from dashboard.illustrative.periods import year_label
from dashboard.illustrative.survey import survey_rows
from dashboard.illustrative.targets import target_rows
from dashboard.illustrative.volumes import draw_volumes, volume_rows

__all__ = ["write"]


def write(out: Path, *, seed: int = 2018, ledger_lines: int = 40_000) -> None:
    """Write every export of the workspace below `out`, over files of the same name.

    `ledger_lines` is the number of ledger lines over all months; at least one is written for
    every service, council and cost type with spending in a month (about 10,000).
    """
    out = Path(out)
    volumes = draw_volumes(seed)
    costs = draw_costs(seed)
    _write_reference(out, costs)
    for month, rows in performance_rows(seed, volumes, costs).items():
        header = ("period", "service_id", "council_id", "measure_id", "value", "numerator",
                  "denominator", "status", "source")  # fmt: skip
        write_rows(out / "performance" / f"performance-{month}.csv", header, rows)
    for year, rows in cost_rows(seed, costs).items():
        header = ("period", "service_id", "council_id", "cost_type", "budget_block",
                  "budget_gbp", "forecast_gbp", "actual_gbp")  # fmt: skip
        write_rows(out / "costs" / f"costs-{year_label(year)}.csv", header, rows)
    for year, rows in volume_rows(volumes).items():
        header = ("period", "service_id", "council_id", "unit", "quantity", "kind")
        write_rows(out / "volumes" / f"volumes-{year_label(year)}.csv", header, rows)
    for wave, rows in survey_rows(seed).items():
        header = ("period", "service_id", "council_id", "invited", "respondents", "satisfied",
                  "very_satisfied", "fairly_satisfied", "neither", "fairly_dissatisfied",
                  "very_dissatisfied", "dont_know", "source")  # fmt: skip
        write_rows(out / "satisfaction" / f"satisfaction-{wave}.csv", header, rows)
    write_ledger(out / "ledger", seed, costs, ledger_lines)


def _write_reference(out: Path, costs: list) -> None:
    folder = out / "reference"
    write_rows(folder / "services.csv",
               ("service_id", "name", "group", "position", "overhead", "main_unit"),
               reference.SERVICES)  # fmt: skip
    write_rows(folder / "councils.csv", ("council_id", "name", "kind", "position"),
               reference.COUNCILS)  # fmt: skip
    write_rows(folder / "memberships.csv", ("service_id", "council_id", "from", "to"),
               reference.MEMBERSHIPS)  # fmt: skip
    write_rows(folder / "measures.csv", Measure._fields, MEASURES)
    write_rows(
        folder / "targets.csv",
        ("measure_id", "council_id", "from", "to", "target", "tolerance", "rule"),
        target_rows(costs),
    )
    write_rows(folder / "events.csv", reference.Event._fields, reference.EVENTS)
    write_rows(
        out / "cost_shares.csv",
        ("year", "service_id", "council_id", "share", "source"),
        reference.cost_share_rows(),
    )
    write_rows(out / "published.csv", reference.Published._fields, reference.PUBLISHED)
    write_rows(
        out / "benchmarks.csv",
        ("measure_id", "period", "council_group", "lower_quartile", "median", "upper_quartile",
         "source"),
        benchmark_rows(),
    )  # fmt: skip

"""What other councils reach on a few measures: made up, in the range that council papers show."""

from dashboard.illustrative.periods import YEARS, year_label

GROUP = "London boroughs"
SOURCE = "Illustrative benchmark"

# Lower quartile, median and upper quartile of each year, in the measure's unit. They move little
# from year to year, as the middle of thirty councils does.
QUARTILES = {
    "sickness_days": ((8.1, 9.2, 10.4), (8.0, 9.1, 10.2), (7.8, 8.9, 10.1), (7.7, 8.8, 9.9)),
    "invoices_in_30_days": (
        (91.5, 94.2, 96.4),
        (92.0, 94.8, 96.9),
        (92.4, 95.1, 97.2),
        (92.9, 95.5, 97.4),
    ),
    "council_tax_collected": (
        (95.6, 96.6, 97.7),
        (95.8, 96.8, 97.8),
        (95.9, 96.9, 97.9),
        (95.9, 97.0, 98.0),
    ),
    "foi_in_time": ((80.1, 86.5, 91.8), (81.0, 87.2, 92.3), (81.6, 88.0, 92.9), (82.3, 88.4, 93.1)),
}


def benchmark_rows() -> list[tuple[str, str, str, str, str, str, str]]:
    """measure_id, period, council_group, lower_quartile, median, upper_quartile, source."""
    return [
        (measure_id, year_label(year), GROUP, str(low), str(middle), str(high), SOURCE)
        for measure_id, by_year in QUARTILES.items()
        for year, (low, middle, high) in zip(YEARS, by_year, strict=True)
    ]

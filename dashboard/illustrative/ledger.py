"""The ledger lines behind the costs: they add up to them to the penny.

A month is drawn and written at a time, as arrays, so that ten million lines need neither a
Python loop over lines nor much memory.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dashboard.illustrative.chance import stream
from dashboard.illustrative.money import COST_TYPES, Cost
from dashboard.illustrative.periods import MONTHS

HEADER = b"date,service_id,council_id,cost_type,supplier,description,amount_gbp\n"

# Suppliers are an invented place name and a trade, so that no line points at a real firm; any
# likeness is chance, since no register was searched.
_PLACES = (
    "Aldermoor", "Brackenhithe", "Cobblewick", "Drayfenn", "Elmstowe", "Fennimarsh",
    "Gorsehythe", "Hollowmere", "Inglebrook", "Juniperhay", "Kestrelwick", "Larkenfleet",
    "Mallowhurst", "Nettleford", "Ottermarsh", "Plumstowe", "Quillbrook", "Rushenford",
    "Sallowmere", "Thistlehythe", "Umberwick", "Vellumgate", "Willowfenn", "Yarrowstead",
    "Zephyrholm",
)  # fmt: skip
_TRADES = {
    "Premises": ("Cleaning", "Energy", "Facilities"),
    "Supplies and services": ("Software", "Office Supplies", "Telecoms", "Training"),
    "Contractors and agency": ("Resourcing", "Consulting", "Building Services"),
    "Income": ("Academy", "Housing Association"),
}
_OWN = {  # lines that no outside supplier stands behind
    "Employees": ("Payroll journal", "Pension fund journal", "Apprenticeship journal"),
    "Recharges": ("Internal recharge",),
}
_DESCRIPTIONS = {
    "Employees": ("Basic pay", "Employer's national insurance", "Employer's pension", "Overtime",
                  "Allowances"),
    "Premises": ("Electricity", "Gas", "Cleaning", "Repairs", "Business rates", "Water"),
    "Supplies and services": ("Software licences", "Stationery", "Postage", "Subscriptions",
                              "Mobile phones", "Equipment", "Training course"),
    "Contractors and agency": ("Agency staff", "Consultancy", "Contract labour",
                               "Interim manager", "Specialist survey"),
    "Income": ("Service to schools", "Fees and charges", "Rent", "Contribution from partner"),
    "Recharges": ("Office accommodation recharge", "Support service recharge"),
}  # fmt: skip
# How many lines a pound of each type makes: pay is posted in few large lines, supplies in many.
_LINES_PER_POUND = {
    "Employees": 0.25,
    "Premises": 1.0,
    "Supplies and services": 2.0,
    "Contractors and agency": 1.2,
    "Income": 0.8,
    "Recharges": 0.1,
}
CREDIT_NOTES = 0.02  # share of lines that take money back, as supplier credits do
SKEW = 1.1  # sigma of the lognormal sizes: most lines small, a few very large
# A service buys mostly from a few suppliers: the draw is u**CONCENTRATION over the list.
CONCENTRATION = 2.2


def _names() -> tuple[np.ndarray, dict[str, tuple[int, int]]]:
    """All supplier names, and each cost type's first position and count among them."""
    names, spans = [], {}
    for cost_type in COST_TYPES:
        own = list(_OWN.get(cost_type, ()))
        traded = [f"{place} {trade}" for trade in _TRADES.get(cost_type, ()) for place in _PLACES]
        spans[cost_type] = (len(names), len(own + traded))
        names += own + traded
    return np.array([name.encode() for name in names]), spans


def _cells(costs: list[Cost]) -> dict[str, list[tuple[str, str, str, int]]]:
    """Spending by month: service, council, cost type and pence over both blocks; zeros left out."""
    totals: dict[tuple[str, str, str, str], int] = {}
    for cost in costs:
        key = (cost.month, cost.service_id, cost.council_id, cost.cost_type)
        totals[key] = totals.get(key, 0) + cost.actual
    cells: dict[str, list] = {month: [] for month in MONTHS}
    for (month, *names), pence in totals.items():
        if pence:
            cells[month].append((*names, pence))
    return cells


def _lines_per_cell(cells: dict, ledger_lines: int) -> dict[str, np.ndarray]:
    """Share the lines out: one for every cell, the rest by how much and what was bought."""
    flat = [cell for month in MONTHS for cell in cells[month]]
    weight = np.array([
        # The square root keeps the large services from taking nearly all the lines.
        np.sqrt(abs(pence)) * _LINES_PER_POUND[cost_type] for _, _, cost_type, pence in flat
    ])  # fmt: skip
    spare = max(0, ledger_lines - len(flat))
    wanted = weight / weight.sum() * spare
    counts = np.floor(wanted).astype(np.int64)
    largest = np.argsort(counts - wanted, kind="stable")[: spare - counts.sum()]
    counts[largest] += 1
    counts += 1
    ends = np.cumsum([len(cells[month]) for month in MONTHS])
    return dict(zip(MONTHS, np.split(counts, ends[:-1]), strict=True))


def _amounts(random: np.random.Generator, pence: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Whole pence for every line, cell after cell, adding up to each cell exactly."""
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    sizes = random.lognormal(0, SKEW, counts.sum())
    part = sizes / np.repeat(np.add.reduceat(sizes, starts), counts)
    amounts = np.floor(part * np.repeat(np.abs(pence), counts)).astype(np.int64)
    # Rounding down leaves less than a penny a line; the cell's first line takes it.
    amounts[starts] += np.abs(pence) - np.add.reduceat(amounts, starts)
    # A credit note takes a line back and its neighbour grows by twice as much: same sum. Only
    # every other line of a cell may turn, so that no neighbour is a credit note itself.
    place = np.arange(len(amounts)) - np.repeat(starts, counts)
    has_neighbour = place + 1 < np.repeat(counts, counts)
    credit = has_neighbour & (place % 2 == 0) & (random.random(len(amounts)) < 2 * CREDIT_NOTES)
    turned = np.flatnonzero(credit)
    amounts[turned + 1] += 2 * amounts[turned]
    amounts[turned] *= -1
    return amounts * np.repeat(np.sign(pence), counts)


def _in_pounds(pence: np.ndarray) -> np.ndarray:
    """Whole pence as text in pounds with two decimals."""
    hundredths = np.array([f".{number:02d}\n".encode() for number in range(100)])
    size = np.abs(pence)
    sign = np.where(pence < 0, b"-", b"")
    whole = (size // 100).astype("S9")  # nine digits: no month of one service spends a billion
    return np.strings.add(np.strings.add(sign, whole), hundredths[size % 100])


def ledger_months(seed: int, costs: list[Cost], ledger_lines: int) -> Iterator[tuple[str, bytes]]:
    """Each month with the whole text of its ledger file.

    `ledger_lines` is the total over all months; there is at least one line for every service,
    council and cost type that spent anything in a month, so a small number is exceeded.
    """
    cells = _cells(costs)
    counts_by_month = _lines_per_cell(cells, ledger_lines)
    names, spans = _names()
    services = sorted({service for cell in cells.values() for service, *_ in cell})
    for month in MONTHS:
        random = stream(seed, "ledger", month)
        counts = counts_by_month[month]
        lines = int(counts.sum())
        cell = np.repeat(np.arange(len(counts)), counts)
        pence = np.array([pence for *_, pence in cells[month]], dtype=np.int64)
        amounts = _amounts(random, pence, counts)

        kinds = [cost_type for _, _, cost_type, _ in cells[month]]
        first, size = np.array([spans[kind] for kind in kinds]).T
        # Each service starts its list of suppliers elsewhere, so that each has its own main ones.
        shift = np.array([services.index(service) * 7 for service, *_ in cells[month]])
        pick = np.floor(random.random(lines) ** CONCENTRATION * size[cell]).astype(np.int64)
        supplier = names[first[cell] + (pick + shift[cell]) % size[cell]]

        texts = [text for kind in COST_TYPES for text in _DESCRIPTIONS[kind]]
        offset = np.array([texts.index(_DESCRIPTIONS[kind][0]) for kind in kinds])
        choice = np.array([len(_DESCRIPTIONS[kind]) for kind in kinds])
        described = offset[cell] + (random.random(lines) * choice[cell]).astype(np.int64)
        description = np.array([f",{text},".encode() for text in texts])[described]

        first_day = np.datetime64(f"{month}-01")
        last_day = (np.datetime64(month) + 1).astype("datetime64[D]")
        days = np.arange(first_day, last_day)
        days = days[np.is_busday(days)]
        day = (random.random(lines) * len(days)).astype(np.int64)
        # Salaries are posted on the last working day.
        day[np.array([kind == "Employees" for kind in kinds])[cell]] = len(days) - 1
        dates = np.array([str(date).encode() for date in days])

        labels = np.array([f",{s},{c},{kind},".encode() for s, c, kind, _ in cells[month]])
        order = np.argsort(day, kind="stable")
        text = np.strings.add(dates[day[order]], labels[cell[order]])
        for column in (supplier, description, _in_pounds(amounts)):
            text = np.strings.add(text, column[order])
        yield month, HEADER + b"".join(text.tolist())


def write_ledger(folder: Path, seed: int, costs: list[Cost], ledger_lines: int) -> None:
    """Write ledger-YYYY-MM.csv for every month."""
    folder.mkdir(parents=True, exist_ok=True)
    for month, content in ledger_months(seed, costs, ledger_lines):
        (folder / f"ledger-{month}.csv").write_bytes(content)

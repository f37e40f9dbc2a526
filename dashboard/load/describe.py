"""A contract proposed for a file never seen: what its columns look like, and what is ambiguous.

The proposal is a data package to edit, not to trust: a column is matched to a field by its name
alone, and whatever could not be told stands in `onesource_to_settle`, in words.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from dashboard.load.causes import NOTHING, WITHHELD
from dashboard.load.dates import AmbiguousDates, read_dates
from dashboard.load.feeds import FEEDS, Feed
from dashboard.load.layout import HEADER_WITHIN
from dashboard.load.periods import AmbiguousPeriods, read_column
from dashboard.load.read import plain_amount, read_file
from dashboard.load.text import (
    DELIMITERS,
    FileRefused,
    Record,
    normalised,
    read_text,
    records,
    split_lines,
)

# Rows looked at. A column that changes its form after so many shows when the file is checked.
_ROWS = 5_000

# Values shown of a column, so that whoever edits the contract sees what is meant.
_SHOWN = 5

# What publishers call the fields, beside their own names.
_ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "date": ("date paid", "payment date", "date of payment", "transaction date", "posting date"),
    "period": ("month", "year", "quarter", "financial year", "time period", "reporting period"),
    "year": ("financial year",),
    "service_id": ("service", "directorate", "department", "service area", "division", "unit"),
    "council_id": ("council", "authority", "local authority", "borough", "la name", "body name"),
    "measure_id": ("measure", "indicator", "code", "measure code", "kpi", "variable", "metric"),
    "value": (
        *("figure", "result", "actual", "percentage", "indicator value", "rate", "count"),
        *("number", "score"),
    ),
    "numerator": ("num",),
    "denominator": ("den", "denom"),
    "supplier": ("supplier name", "beneficiary", "vendor", "vendor name", "payee", "merchant"),
    "description": ("purpose", "expense type", "narrative", "summary", "detail"),
    "cost_type": ("expenditure type", "category", "subjective", "account", "expense area"),
    "amount_gbp": ("amount", "net amount", "net", "value", "gross", "total", "paid"),
    "budget_gbp": ("budget", "annual budget"),
    "actual_gbp": ("actual", "outturn", "spend"),
    "forecast_gbp": ("forecast",),
    "quantity": ("number", "count", "volume", "qty"),
    "respondents": ("responses", "number of responses", "base", "n"),
    "name": ("title", "service name", "measure name"),
}


def describe(path: Path, feed: str | None = None) -> dict:
    """A data package for this file, as JSON values. Raises FileRefused where it is no table."""
    text = read_text(read_file(path))
    lines = split_lines(text.text)
    delimiter, header, rows = _table(lines)
    columns = {
        name.strip() or f"(column {at + 1}, without a name)": [
            r.cells[at].strip() for r in rows if at < len(r.cells) and r.cells[at].strip()
        ]
        for at, name in enumerate(header.cells)
    }
    looks = {name: _look(values) for name, values in columns.items()}
    feed = feed or _likely_feed(columns, looks)
    fields, used, to_settle = _fields(FEEDS[feed], columns, looks)
    if feed == "costs":
        _add_money(fields, used, to_settle, columns, looks, path.stem)
    to_settle += [w for name in used for w in looks[name]["to settle"]]
    given = {f["name"] for f in fields}
    lacking = [f for f in FEEDS[feed].required if f not in given]
    for name in lacking:
        kind = FEEDS[feed].fields[name]
        fields.append({"name": name, "type": _TYPES[kind], "onesource": {"constant": "…"}})
        to_settle.append(
            f"no column was found for '{name}', which feed '{feed}' needs: name its column in "
            "'names', or say it for every row in 'constant'"
        )
    nothing = sorted({v for look in looks.values() for v in look["nothing"]})
    resource = {
        "name": feed,
        "path": path.name,
        "encoding": text.encoding if text.encoding in ("utf-8", "cp1252") else None,
        "dialect": {"delimiter": delimiter},
        "sources": [{"title": "…"}],
        "schema": {"fields": fields, "missingValues": ["", *nothing]},
    }
    return {
        "name": re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "export",
        "title": path.stem,
        "licenses": [{"name": "…", "title": "…"}],
        "resources": [{k: v for k, v in resource.items() if v is not None}],
        "onesource_to_settle": to_settle,
        "onesource_columns": {
            name: {"looks like": look["type"], "for example": values[:_SHOWN]}
            for (name, values), look in zip(columns.items(), looks.values(), strict=True)
        },
        "onesource_header_line": header.line,
    }


def _table(lines: list[str]) -> tuple[str, Record, list[Record]]:
    """The delimiter, the header and the rows: the split that gives most rows of one width."""
    best: tuple[int, str, list[Record], int] | None = None
    for mark in DELIMITERS:
        found = []
        for record in records(lines, mark):
            found.append(record)
            if len(found) > _ROWS:
                break
        widths = [len(r.cells) for r in found if any(c.strip() for c in r.cells)]
        width = max(set(widths), key=lambda w: (w > 1, widths.count(w)), default=0)
        score = widths.count(width) * (width > 1) * 1000 + width
        if best is None or score > best[0]:
            best = (score, mark, found, width)
    assert best is not None
    _, mark, found, width = best
    for at, record in enumerate(found[:HEADER_WITHIN]):
        filled = [c for c in record.cells if c.strip()]
        words = all(plain_amount(c.strip()) is None for c in filled)
        if words and len(record.cells) >= width and len(filled) >= max(1, width / 2):
            return mark, record, found[at + 1 :]
    raise FileRefused(
        "no header row found among the first lines: if the file has none, say so in the contract "
        '("dialect": {"header": false}) and give each field its "column"'
    )


def _look(values: Sequence[str]) -> dict:
    """What a column's values look like, what stands for nothing, and what is ambiguous."""
    nothing = {v for v in values if NOTHING.fullmatch(v)}
    rest = [v for v in values if v not in nothing]
    numbers = [v for v in rest if plain_amount(v) is not None]
    codes = {v for v in rest if WITHHELD.fullmatch(v)} if len(numbers) * 2 > len(rest) else set()
    rest = [v for v in rest if v not in codes]
    look: dict = {"type": "string", "nothing": sorted(nothing), "codes": sorted(codes)}
    look["to settle"] = []
    if codes:
        look["to settle"].append(
            f"{', '.join(sorted(codes))} beside numbers: 'suppressed' if the figure is withheld, "
            "'missingValues' if there is none"
        )
    if not rest:
        return look
    distinct = list(dict.fromkeys(rest))
    try:
        if all(read_dates(distinct).values()):
            iso = all(read_dates(distinct, "default").values())
            return look | {"type": "date", "format": "default" if iso else "any"}
    except AmbiguousDates as error:
        look["to settle"].append(str(error))
        return look | {"type": "date"}
    try:
        if all(read_column(distinct).values()) and not all(
            re.fullmatch(r"\d{1,3}", v) for v in rest
        ):
            return look | {"type": "period"}
    except AmbiguousPeriods as error:
        look["to settle"].append(str(error))
        return look | {"type": "period"}
    if len(numbers) >= 0.95 * len(rest):
        whole = all(re.fullmatch(r"-?\d+", v) for v in rest)
        kind = "integer" if whole else "number"
        wrong = [v for v in rest if plain_amount(v) is None][:_SHOWN]
        if wrong:
            look["to settle"].append(f"not numbers in a column of numbers: {', '.join(wrong)}")
        return look | {"type": kind}
    return look


def _likely_feed(columns: dict, looks: dict) -> str:
    """The feed that finds a figure, and then most columns for its required fields; money and
    suppliers speak for a ledger."""

    def score(name: str) -> tuple[bool, float, float]:
        shape = FEEDS[name]
        found = {f: _column_for(f, k, columns, looks) for f, k in shape.fields.items()}
        required = sum(1 for f in shape.required if found[f])
        figures = [f for f, kind in shape.fields.items() if kind in _NUMERIC]
        has_figure = any(found[f] for f in figures) or (
            name == "costs" and _column_for("amount_gbp", "money", columns, looks) is not None
        )
        return has_figure, required / len(shape.required), sum(1 for c in found.values() if c)

    data = ("performance", "ledger", "costs", "satisfaction", "volumes", "cost_shares")
    return max(data, key=score)


def _fields(shape: Feed, columns: dict, looks: dict) -> tuple[list[dict], list[str], list[str]]:
    """The fields that find a column, those columns, and where several could be meant."""
    fields, used, doubts = [], [], []
    for name, kind in shape.fields.items():
        left = {c: v for c, v in columns.items() if c not in used}
        column = _column_for(name, kind, left, looks)
        if column is None:
            continue
        used.append(column)
        others = [c for c in left if c != column and _column_for(name, kind, {c: left[c]}, looks)]
        if others:
            doubts.append(f"'{name}' could be {column!r}, or {' or '.join(map(repr, others))}")
        look = looks[column]
        given: dict = {"name": name, "type": _TYPES[kind]}
        if kind == "date" and look.get("format", "default") != "default":
            given["format"] = look["format"]
        ours: dict = {"names": [column]}
        if kind == "number" and look["codes"]:
            ours["suppressed"] = look["codes"]
        fields.append(given | {"onesource": ours})
    return fields, used, doubts


def _add_money(
    fields: list[dict],
    used: list[str],
    to_settle: list[str],
    columns: dict,
    looks: dict,
    title: str,
) -> None:
    """Costs whose money says only that it is an amount: of the budget, where the file says so."""
    money = {name for name, kind in FEEDS["costs"].fields.items() if kind == "money"}
    left = {c: v for c, v in columns.items() if c not in used}
    column = _column_for("amount_gbp", "money", left, looks)
    if column is None or any(f["name"] in money for f in fields):
        return
    budgeted = any("budget" in said.lower() for said in (title, *columns))
    name = "budget_gbp" if budgeted else "actual_gbp"
    fields.append({"name": name, "type": "number", "onesource": {"names": [column]}})
    used.append(column)
    to_settle.append(f"{column!r} was taken for '{name}': say if it is another of {sorted(money)}")


_NUMERIC = ("integer", "number", "money", "share")

_TYPES = {
    "text": "string",
    "integer": "integer",
    "number": "number",
    "money": "number",
    "share": "number",
    "boolean": "boolean",
    "date": "date",
    "month": "string",
    "period": "string",
}


def _nearness(column: str, wanted: Sequence[str]) -> float:
    """How near a heading is to a field's names: alike, or holding some of them as whole words.

    "Gross amount" holds "amount"; "Account" does not hold "count".
    """
    words = _words(column)
    held = sum(1 for w in wanted if len(w) >= 4 and f" {_words(w)} " in f" {words} ")
    said = normalised(column)
    alike = max(SequenceMatcher(None, said, normalised(w)).ratio() for w in wanted)
    return max(alike, 0.8 + 0.02 * held if held else 0.0)


def _words(heading: str) -> str:
    """A heading's words, in small letters: "account_category" and "AccountCategory" have two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


def _column_for(name: str, kind: str, columns: dict, looks: dict) -> str | None:
    """The column whose name is nearest to the field's, among those that could hold it."""
    numeric = kind in _NUMERIC
    # "Amount" is like "account" to 0.77, and no account.
    best, nearest = None, 0.79
    wanted = [name.removesuffix("_id").removesuffix("_gbp"), name, *_ALSO_CALLED.get(name, ())]
    for column, values in columns.items():
        looks_like = looks[column]["type"]
        is_number = looks_like in ("integer", "number")
        may_be_year = kind in ("period", "month") and looks_like == "integer"
        if values and numeric != is_number and not may_be_year:
            continue
        if kind == "date" and values and looks_like != "date":
            continue
        near = _nearness(column, wanted)
        if near > nearest:
            best, nearest = column, near
    dated = [c for c in columns if looks[c]["type"] == "date"]
    if best is None and kind == "date" and len(dated) == 1:
        return dated[0]
    return best

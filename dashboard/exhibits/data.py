"""What was loaded, how fresh it is, what was set aside, and what loads have changed."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboard import settings, warehouse, words
from dashboard.exhibits import reference
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Link, Provenance, Table, exhibit
from dashboard.warehouse import fetch

# The order in which a data officer thinks of feeds; reference feeds are shown with the files.
_FEEDS = {
    "performance": "Performance",
    "costs": "Costs",
    "ledger": "Ledger lines",
    "volumes": "Volumes of work",
    "satisfaction": "Satisfaction",
    "cost_shares": "Cost shares",
    "targets": "Targets",
    "benchmarks": "Benchmarks",
}

_FIELDS = {"amount_gbp": "amount", "budget_gbp": "budget", "actual_gbp": "actual"}


def today() -> date:
    """The day from which lateness counts: the workspace's own, else the clock's."""
    return reference.workspace()["as_of"] or date.today()


def _origin(*notes: str) -> Provenance:
    about = reference.workspace()
    loaded = about["loaded_at"]
    by = f" by {about['loaded_by']}" if about["loaded_by"] else ""
    when = f"Loaded {loaded.day} {loaded:%B %Y, %H:%M} UTC{by}"
    made_up = any(fetch("files")["is_illustrative"])
    return Provenance("", about["data_version"], made_up, notes=(when, *notes))


@exhibit
def freshness(*, on: date) -> Finding:
    """Each feed's newest period, and how late the next one is on a day."""
    rows = {r["feed"]: r for r in fetch("feeds").rows() if r["feed"] in _FEEDS}
    present = [rows[f] for f in _FEEDS if f in rows and rows[f]["rows"]]
    late = {r["feed"]: days for r in present if (days := _late(r, on)) > 0}
    worst = max(late, key=late.__getitem__, default=None)
    title = "No feed is late" if any(r["expected_days"] for r in present) else "What there is"
    if worst:
        title = f"{_FEEDS[worst]} is {words.count(late[worst], 'day')} late"
        if len(late) > 1:
            title += f", and {words.count(len(late) - 1, 'more feed')} with it"
    return Finding(
        title=title,
        subtitle=f"The newest period of each feed, and when the next should be there, as on "
        f"{on.day} {on:%B %Y}.",
        table=Table(
            caption="Feeds and how fresh they are",
            columns=("Feed", "Newest period", "Next one due", "Standing", "Rows", "Set aside"),
            rows=tuple(
                (
                    Cell.of(_FEEDS[r["feed"]], link=Link("data", (("feed", r["feed"]),))),
                    Cell.of(words.month(r["last_month"]) if r["last_month"] else "undated"),
                    Cell.of(_day(due) if (due := _due(r)) else "no day agreed"),
                    _standing(r, late),
                    Cell.of(f"{r['rows']:,}"),
                    Cell.of(f"{r['rows_set_aside']:,}" if r["rows_set_aside"] else "none"),
                )
                for r in present
            ),
            raw_columns=("feed", "first_month", "last_month", "due", "days_late", "rows"),
            raw_rows=tuple(
                (
                    r["feed"],
                    r["first_month"],
                    r["last_month"],
                    _due(r),
                    late.get(r["feed"], 0),
                    r["rows"],
                )
                for r in present
            ),
            figures=frozenset({4, 5}),
        ),
        provenance=_origin(),
        table_first=True,
    )


def _due(feed: dict[str, Any]) -> date | None:
    """The day by which the month after a feed's newest should be there."""
    if not feed["last_month"] or feed["expected_days"] is None:
        return None
    newest = feed["last_month"]
    after_next = date(newest.year + (newest.month + 1) // 12, (newest.month + 1) % 12 + 1, 1)
    return after_next + timedelta(days=feed["expected_days"] - 1)


def _late(feed: dict[str, Any], on: date) -> int:
    due = _due(feed)
    return max(0, (on - due).days) if due else 0


def _standing(feed: dict[str, Any], late: dict[str, int]) -> Cell:
    if feed["expected_days"] is None:
        return Cell.of("not judged")
    if days := late.get(feed["feed"]):
        return Cell.of(f"{words.count(days, 'day')} late", "off target")
    return Cell.of("on time", "on target")


def _day(when: date) -> str:
    return f"{when.day} {when:%B %Y}"


@exhibit
def reconciliation(*, feed: str | None) -> Finding:
    """What became of every line of every file, summed by feed or file by file for one feed."""
    files = [f for f in fetch("files").rows() if feed in (None, f["feed"])]
    money = [r for r in fetch("reconciled").rows() if feed in (None, r["feed"])]
    loaded = sum(f["rows_loaded"] for f in files)
    aside = sum(f["rows_set_aside"] for f in files)
    differ = [r for r in money if r["stated_gbp"] not in (None, r["counted_gbp"])]
    title = f"{words.count(len(files), 'file')}: {loaded:,} rows loaded, " + (
        f"{aside:,} set aside" if aside else "none set aside"
    )
    if differ:
        title += f"; {words.count(len(differ), 'stated total')} not as the rows add up"
    new = sum(f["is_new"] for f in files)
    groups: dict[str, list[dict[str, Any]]] = {}
    for f in files:
        groups.setdefault(f["feed"] if feed is None else f["file"], []).append(f)
    return Finding(
        title=title,
        subtitle="Every line is accounted for: header, loaded, set aside, or skipped (blank, "
        f"total, note, repeat). This load read {words.count(new, 'file')} anew"
        + ("." if new == len(files) else "; the others had not changed."),
        table=Table(
            caption="What became of every line",
            columns=(
                "Feed" if feed is None else "File",
                *(("Files",) if feed is None else ()),
                "Lines",
                "Loaded",
                "Set aside",
                "Skipped",
                "Money",
            ),
            rows=tuple(
                (
                    Cell.of(
                        name.replace("_", " ") if feed is None else name,
                        link=Link("data", (("feed", name),)) if feed is None else None,
                    ),
                    *((Cell.of(f"{len(mine):,}"),) if feed is None else ()),
                    Cell.of(f"{sum(f['lines'] for f in mine):,}"),
                    Cell.of(f"{sum(f['rows_loaded'] for f in mine):,}"),
                    _aside(mine),
                    Cell.of(_skipped(mine)),
                    _money([r for r in money if name in (r["feed"], r["file"])]),
                )
                for name, mine in groups.items()
            ),
            raw_columns=(
                *("feed", "file", "hash", "lines", "header_lines", "rows_read", "rows_loaded"),
                *("rows_set_aside", "rows_skipped", "skipped"),
            ),
            raw_rows=tuple(
                (
                    *(f["feed"], f["file"], f["hash"], f["lines"], f["header_lines"]),
                    *(f["rows_read"], f["rows_loaded"], f["rows_set_aside"]),
                    *(f["rows_skipped"], f["skipped"]),
                )
                for f in files
            ),
            figures=frozenset({1, 2, 3} if feed is None else {1, 2}),
        ),
        provenance=_origin(),
        empty=None if files else "The workspace has no file of this feed.",
        table_first=True,
    )


def _aside(files: list[dict[str, Any]]) -> Cell:
    rows = sum(f["rows_set_aside"] for f in files)
    return Cell.of(f"{rows:,}", "off target") if rows else Cell.of("none")


def _skipped(files: list[dict[str, Any]]) -> str:
    by_reason: dict[str, int] = {}
    for f in files:
        for reason, rows in json.loads(f["skipped"]).items():
            kind = "the same file again" if reason.startswith("the same file as") else reason
            by_reason[kind] = by_reason.get(kind, 0) + rows
    return ", ".join(f"{rows:,} {reason}" for reason, rows in by_reason.items()) or "none"


def _money(rows: list[dict[str, Any]]) -> Cell:
    """Each amount's sum, and how it stands to what its file states."""
    lines: list[tuple[str, str | None]] = []
    for name in dict.fromkeys(r["field"] for r in rows):
        mine = [r for r in rows if r["field"] == name]
        loaded = sum((r["loaded_gbp"] for r in mine), Decimal(0))
        said = f"{_FIELDS.get(name, name.removesuffix('_gbp'))} {words.pounds_exact(loaded)}"
        stated = [r for r in mine if r["stated_gbp"] is not None]
        gap = sum((r["stated_gbp"] - r["counted_gbp"] for r in stated), Decimal(0))
        if gap:
            where = f"line {stated[0]['stated_line']}" if len(stated) == 1 else "the files"
            over = "over" if gap > 0 else "under"
            said += f"; {where} states {words.pounds_exact(abs(gap))} {over} the rows"
        elif stated:
            said += ", as stated"
        lines.append((said, "off target" if gap else None))
    return Cell(tuple(lines) or (("", None),))


@exhibit
def set_aside(*, file: str | None, rule: str | None) -> Finding:
    """The rows that were set aside, with where they stand and why."""
    found = fetch("set_aside", file=file, rule=rule, at_most=settings.ROWS_TO_DOWNLOAD)
    rows = found.rows()
    lines = {(r["file"], r["line"]) for r in rows}
    files = {r["file"] for r in rows}
    more = " or more" if len(rows) == settings.ROWS_TO_DOWNLOAD else ""
    shown = rows[: settings.ROWS_SHOWN]
    subtitle = "They are in no figure. Mend them at their source and send the file again."
    if len(rows) > len(shown):
        subtitle += f" The first {len(shown)} are shown; the download has {len(rows):,}."
    return Finding(
        title=f"{words.count(len(lines), 'row')}{more} set aside in "
        f"{words.count(len(files), 'file')}"
        if rows
        else "Nothing was set aside",
        subtitle=subtitle if rows else "",
        table=Table(
            caption="Rows set aside",
            columns=("Where", "Column", "Value", "What is wrong", "The row"),
            rows=tuple(
                (
                    Cell.of(f"{r['file']}, line {r['line']}"),
                    Cell.of(r["field"] or "the line"),
                    Cell.of(r["value"] or ("withheld" if r["is_withheld"] else "empty")),
                    Cell((((r["reason"], None)), (f"Expected: {r['expected']}", None))),
                    Cell.of(_line(r)),
                )
                for r in shown
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
        ),
        provenance=_origin(),
        empty=None if rows else "No row was set aside.",
        table_first=True,
    )


def _line(row: dict) -> str:
    """The text of a line, as far as it is shown."""
    text = row["row_text"] or ""
    if row["is_withheld"]:
        few = row["feed"] == "satisfaction"
        return f"withheld: {'answers of few people' if few else 'its file has suppressed figures'}"
    return text if len(text) <= settings.ROW_TEXT_SHOWN else text[: settings.ROW_TEXT_SHOWN] + " …"


def kinds_set_aside() -> list[tuple[str, str]]:
    """The files with rows set aside and the kinds of reason, for filters."""
    return [(r["file"], r["rule"]) for r in fetch("set_aside_kinds").rows()]


@exhibit
def skipped(*, file: str | None) -> Finding:
    """The lines that are no data: totals, notes, blank lines, headers again."""
    found = fetch("skipped_rows", file=file, at_most=settings.ROWS_TO_DOWNLOAD)
    rows = found.rows()
    return Finding(
        title=f"{words.count(len(rows), 'line')} skipped as no data" if rows else "Nothing skipped",
        subtitle="Totals and subtotals, notes, blank lines and headers that come again.",
        table=Table(
            caption="Lines skipped",
            columns=("Where", "What it is", "The line"),
            rows=tuple(
                (
                    Cell.of(f"{r['file']}, line {r['line']}"),
                    Cell.of(r["reason"]),
                    Cell.of(_line(r)),
                )
                for r in rows[: settings.ROWS_SHOWN]
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
        ),
        provenance=_origin(),
        empty=None if rows else "Every line below the headers is data.",
    )


@exhibit
def doubtful() -> Finding:
    """Figures that were loaded although they lie far outside their series' history."""
    found = fetch("doubtful_figures", at_most=settings.ROWS_TO_DOWNLOAD)
    rows = found.rows()
    return Finding(
        title=_doubtful_title(rows),
        subtitle="Loaded as they came. A slipped decimal point, pounds for thousands, or true."
        if rows
        else "",
        table=Table(
            caption="Figures to look at again",
            columns=("Series", "Month", "Figure", "Held against", "Where"),
            rows=tuple(
                (
                    Cell.of(r["series"] or f"{r['field']}, the whole file"),
                    Cell.of(words.month(r["month"]) if r["month"] else ""),
                    Cell.of(
                        words.figure(r["value"], None)
                        if r["times"] is None
                        else f"{words.figure(r['times'], None)} times the usual"
                    ),
                    Cell.of(
                        f"{words.figure(r['low'], None)} to {words.figure(r['high'], None)} "
                        + _BESIDE[r["beside"]].format(r["points"])
                    ),
                    Cell.of(f"{r['file']}, line {r['line']}" if r["line"] else r["file"]),
                )
                for r in rows[: settings.ROWS_SHOWN]
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
            figures=frozenset({2}),
        ),
        provenance=_origin(),
        empty=None if rows else "No figure lies far outside the history of its series.",
    )


# What a doubtful figure is held against.
_BESIDE = {
    "before": "in {} figures before",
    "season": "at that time in earlier years ({})",
    "year": "in the same year ({})",
    "file": "in other files, of {} series",
}


def _doubtful_title(rows: list[dict[str, Any]]) -> str:
    files = sum(r["times"] is not None for r in rows)
    said = []
    if len(rows) > files:
        said.append(
            f"{words.count(len(rows) - files, 'figure')} far outside the history of their series"
        )
    if files:
        said.append(f"{words.count(files, 'file')} in another unit than the others, it seems")
    return "; ".join(said) or "No figure looks doubtful"


@exhibit
def alike_names() -> Finding:
    """Names that may be one name in several spellings, whose figures are added up apart."""
    found = fetch("alike_names", at_most=settings.ROWS_TO_DOWNLOAD)
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in found.rows():
        groups.setdefault((row["field"], row["folded"]), []).append(row)
    return Finding(
        title=f"{words.count(len(groups), 'name')} spelt in several ways"
        if groups
        else "No name is spelt in several ways",
        subtitle="Read as different names. If they are one, the contract's “values” says so."
        if groups
        else "",
        table=Table(
            caption="Names that look alike",
            columns=("Field", "Spellings", "Rows"),
            rows=tuple(
                (
                    Cell.of(name),
                    Cell.of(" · ".join(one["name"] for one in group)),
                    Cell.of(" · ".join(f"{one['rows']:,}" for one in group)),
                )
                for (name, _), group in list(groups.items())[: settings.ROWS_SHOWN]
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
        ),
        provenance=_origin(),
        empty=None if groups else "No two names differ by case, punctuation or alphabet alone.",
    )


@exhibit
def restatements() -> Finding:
    """Figures published before that loads changed, the last load's first."""
    found = fetch("restatements", data_version=None, at_most=settings.ROWS_TO_DOWNLOAD)
    now = reference.workspace()["data_version"]
    rows = sorted(found.rows(), key=lambda r: r["data_version"] != now)
    mine = [r for r in rows if r["data_version"] == now]
    names = reference.service_names() | reference.council_names()
    title = (
        f"The last load changed {words.count(len(mine), 'published figure')}"
        if mine
        else "The last load changed no published figure"
    )
    return Finding(
        title=title,
        subtitle="From what to what, for whoever has quoted them. New figures are no restatements.",
        table=Table(
            caption="Restated figures",
            columns=("What", "Whose", "Period", "From", "To", "Data version"),
            rows=tuple(
                (
                    Cell.of(_what(r)),
                    Cell.of(
                        words.listing(
                            [names.get(i, i) for i in (r["service_id"], r["council_id"]) if i]
                        )
                    ),
                    Cell.of(r["period"] or ""),
                    Cell.of(r["before"] or "nothing"),
                    Cell.of("withdrawn" if r["is_withdrawn"] else r["after"] or "nothing"),
                    Cell.of(r["data_version"]),
                )
                for r in rows[: settings.ROWS_SHOWN]
            ),
            raw_columns=found.columns,
            raw_rows=tuple(zip(*found.values, strict=True)),
            figures=frozenset({3, 4}),
        ),
        provenance=_origin(),
        empty=None if rows else "No load has changed a published figure so far.",
    )


def _what(r: dict[str, Any]) -> str:
    what = " · ".join(filter(None, (r["measure_id"], r["what"])))
    return f"{r['feed'].replace('_', ' ')}: {what + ', ' if what else ''}{r['field']}"


def loads() -> Exhibit:
    """What each load and restore did, newest first; asked anew each time, since refusals count."""
    history = warehouse.history()
    return _loads(stamp=f"{len(history)} {warehouse.kept()}")


@exhibit
def _loads(*, stamp: str) -> Finding:
    history = warehouse.history()[: settings.ROWS_SHOWN]
    kept, now = warehouse.kept(), reference.workspace()["data_version"]
    newest = history[0] if history else {}
    refused = newest.get("what") == "refused"
    title = f"{words.count(len(kept), 'version')} kept; {now} is served"
    if refused:
        title = f"The last load was refused; {now} is served on"
    return Finding(
        title=title,
        subtitle=str(newest.get("why", "")) if refused else "Any version kept can be served again.",
        table=Table(
            caption="Loads",
            columns=("When", "What", "Version", "By", "Files read", "Rows loaded", "Set aside"),
            rows=tuple(
                (
                    Cell.of(str(h.get("at", "")).replace("T", ", ")[:17] + " UTC"),
                    Cell.of(
                        f"{h.get('what', '')}{': ' + h['why'] if h.get('why') else ''}",
                        "off target" if h.get("what") == "refused" else None,
                    ),
                    Cell.of(
                        f"{h.get('version') or ''}"
                        + (" (served)" if h.get("version") == now else "")
                        + ("" if h.get("version") in kept or not h.get("version") else " (dropped)")
                    ),
                    Cell.of(str(h.get("by") or "not known")),
                    Cell.of(_of(h, "files_read")),
                    Cell.of(_of(h, "rows_loaded")),
                    Cell.of(_of(h, "rows_set_aside")),
                )
                for h in history
            ),
            raw_columns=("at", "what", "version", "by", "files_read", "rows_loaded", "why"),
            raw_rows=tuple(
                tuple(h.get(k) for k in ("at", "what", "version", "by"))
                + tuple(h.get(k) for k in ("files_read", "rows_loaded", "why"))
                for h in history
            ),
            figures=frozenset({4, 5, 6}),
        ),
        provenance=_origin(),
        table_first=True,
    )


def _of(entry: dict[str, Any], name: str) -> str:
    return f"{entry[name]:,}" if isinstance(entry.get(name), int) else ""


def resources() -> dict[str, str]:
    """Each resource of the contract, with an empty export of it: its header line."""
    return {r["resource"]: r["template"] for r in fetch("contract_fields").rows()}


@exhibit
def contract(*, resource: str) -> Finding:
    """What the contract asks of one resource's files, field by field."""
    rows = [r for r in fetch("contract_fields").rows() if r["resource"] == resource]
    return Finding(
        title=f"What an export of {resource.replace('_', ' ')} has to hold",
        subtitle=f"Files: {rows[0]['paths']}. Headings count in any case, spacing and order.",
        table=Table(
            caption=f"Contract of {resource}",
            columns=("Field", "Needed", "Heading in the file", "Values"),
            rows=tuple(
                (
                    Cell.of(r["field"]),
                    Cell.of("yes" if r["is_required"] else "no"),
                    Cell.of(r["found_as"]),
                    Cell.of(r["rules"]),
                )
                for r in rows
            ),
            raw_columns=("resource", "field", "kind", "is_required", "found_as", "rules"),
            raw_rows=tuple(
                (r["resource"], r["field"], r["kind"], r["is_required"], r["found_as"], r["rules"])
                for r in rows
            ),
        ),
        provenance=_origin(),
        table_first=True,
    )

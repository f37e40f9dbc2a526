"""A load's report in words, for the command line and the Data page, and as JSON for machines."""

import json
import re
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal

from dashboard.load.account import FileAccount, Reconciled
from dashboard.load.publish import LoadReport

# Reasons printed per file. All of them stand in the snapshot; a screen holds this many.
_REASONS_SHOWN = 10


def as_json(report: LoadReport) -> dict:
    """The whole report as plain JSON values; money as text, so that no penny is lost."""
    return plain(
        {
            "version": report.version,
            "outcome": outcome(report),
            "published": report.published,
            "already_current": report.already_current,
            "held_back": report.held_back,
            "refused": report.refused,
            "serving": report.serving,
            "is_clean": report.is_clean,
            "files": [asdict(f) | {"is_clean": f.is_clean} for f in report.files],
            "problems": report.problems,
            "warnings": report.warnings,
            "restated": report.restated,
            "alike": report.alike,
            "gone": report.gone,
        }
    )


def outcome(report: LoadReport) -> str:
    """What came of a load, in a word: refused · checked · published · held back · current."""
    if report.refused is not None:
        return "refused"
    if report.only_tried:
        return "checked"
    if report.published:
        return "published"
    return "held back" if report.held_back else "current"


def of_outcome(report: LoadReport) -> str:
    """What came of a load, in a sentence."""
    if report.only_tried:
        return "Nothing was published: this was a check."
    match outcome(report):
        case "refused" if report.serving is None:
            return "Nothing was published, and no data is served yet."
        case "refused":
            return "Nothing was published: the data served before is still served."
        case "held back":
            return (
                f"Data version {report.version} is held back: an older one was restored. "
                f"`python -m dashboard restore {report.version}` brings it back."
            )
        case "current":
            return f"Data version {report.version} was current already; nothing had changed."
    return f"Published data version {report.version}."


def failure(why: str) -> dict:
    """What stands in place of a report where there is none: a wrong contract, a full disk."""
    return {"outcome": "failed", "published": False, "is_clean": False, "why": why}


def plain(value: object) -> object:
    """A value as JSON has it: dates in ISO form, money as text."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def as_lines(report: LoadReport, only: set[str] | None = None) -> list[str]:
    """The report as lines of text: a table of the files, and beneath each what is to be said.

    `only` names the files to be told about; without it all are.
    """
    lines = [f"{'feed':<13} {'read':>10} {'loaded':>10} {'set aside':>10} {'skipped':>10}  file"]
    shown = [f for f in report.files if only is None or f.file in only]
    for account in shown:
        counts = (account.read, account.loaded, account.set_aside, sum(account.skipped.values()))
        numbers = " ".join(f"{n:>10,}" for n in counts)
        lines.append(f"{account.feed:<13} {numbers}  {account.file}")
        lines += [f"{'':<14}{said}" for said in of_file(account)]
        mine = [
            p for p in report.problems if p["file"] == account.file and p["feed"] == account.feed
        ]
        lines += [f"{'':<14}{of_problem(p)}" for p in mine[:_REASONS_SHOWN]]
        if len(mine) > _REASONS_SHOWN:
            more = f"… and {len(mine) - _REASONS_SHOWN:,} more (--json prints all)"
            lines.append(f"{'':<14}{more}")
        doubtful = [w for w in report.warnings if w["file"] == account.file]
        lines += [f"{'':<14}{of_warning(w)}" for w in doubtful[:_REASONS_SHOWN]]
    counts = (
        sum(f.read for f in shown),
        sum(f.loaded for f in shown),
        sum(f.set_aside for f in shown),
        sum(sum(f.skipped.values()) for f in shown),
    )
    lines.append(f"{'all':<13} " + " ".join(f"{n:>10,}" for n in counts))
    lines += of_restatements(report)
    lines += of_alike(report)
    return lines


def of_file(account: FileAccount) -> list[str]:
    """What there is to say of one file beside its counts."""
    said = [f"refused: {account.refused}"] if account.refused else []
    said += [f"{rows:,} skipped: {why}" for why, rows in sorted(account.skipped.items())]
    said += account.notes
    said += [account.over_time] if account.over_time else []
    said += [words for r in account.reconciled if (words := of_reconciled(r))]
    return said


def of_reconciled(r: Reconciled) -> str | None:
    """A file's rows beside the total it states; None where it states none."""
    if r.stated is None:
        return None
    rows = "1 row" if r.unreadable == 1 else f"{r.unreadable:,} rows"
    without = f", without {rows} whose figure cannot be read" if r.unreadable else ""
    if not r.difference:
        where = f"line {r.stated_line}"
        return (
            f"{r.field}: the rows come to {r.counted:,.2f}, as the file's total ({where}) says"
            f"{without}"
        )
    return (
        f"{r.field}: the file's total (line {r.stated_line}) states {r.stated:,.2f}, "
        f"{abs(r.difference):,.2f} {'over' if r.difference > 0 else 'under'} its rows, which come "
        f"to {r.counted:,.2f}{without}"
    )


def of_problem(p: dict) -> str:
    """One thing wrong with one row."""
    said = "" if p["value"] is None else f" '{p['value']}'"
    where = f"{p['field']}{said}: " if p["field"] else ""
    return f"line {p['line']}: {where}{p['reason']} (expected {p['expected']})"


def of_warning(w: dict) -> str:
    """A figure that was loaded and is far outside its series' own history, or a whole file."""
    if w["beside"] == "file":
        times = w["times"]
        size = f"{times:,.0f} times" if times > 1 else f"1/{1 / times:,.0f} of"
        return (
            f"{w['field']}: the figures of this file were loaded, but are about {size} what other "
            f"files have of the same {w['points']} series; pounds for thousands, or another unit? "
            "The field's scale makes them alike"
        )
    said = f"line {w['line']}: {w['field']} {w['value']:g} of {w['series']} was loaded, but "
    span = f"{w['low']:g}" + (f" to {w['high']:g}" if w["high"] != w["low"] else "")
    match w["beside"]:
        case "season":
            return f"{said}is far outside the {span} of that time in {_years(w['points'])} before"
        case "year":
            return f"{said}adds up through the year, and beside it stand {span} of the same year"
    return f"{said}is far outside the {span} of the {w['points']} figures before it"


def _years(count: int) -> str:
    return "the year" if count == 1 else f"the {count} years"


def of_restatements(report: LoadReport) -> list[str]:
    """What was published before and is different now."""
    lines = [f"no longer there: {name}" for name in report.gone]
    if report.restated:
        count = len(report.restated)
        lines.append(f"{count:,} published figure{'s' if count != 1 else ''} changed:")
        for r in report.restated[:_REASONS_SHOWN]:
            lines.append(f"  {of_restatement(r)}")
        if count > _REASONS_SHOWN:
            lines.append(f"  … and {count - _REASONS_SHOWN:,} more (--json prints all)")
    return lines


def of_alike(report: LoadReport) -> list[str]:
    """Names in several spellings: each group of ids, and of suppliers how many with an example."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for one in report.alike:
        groups.setdefault((one["field"], one["folded"]), []).append(one)
    shown = [g for (name, _), g in groups.items() if name != "supplier"]
    suppliers = [g for (name, _), g in groups.items() if name == "supplier"]
    lines = [
        f"{group[0]['field']}: {_spellings(group)} look like one name and are read as "
        f"{len(group)}; if they are one, the contract says so: {_as_values(group)}"
        for group in shown[:_REASONS_SHOWN]
    ]
    if len(shown) > _REASONS_SHOWN:
        lines.append(f"… and {len(shown) - _REASONS_SHOWN:,} more such names (--json prints all)")
    if suppliers:
        many = "1 supplier is" if len(suppliers) == 1 else f"{len(suppliers):,} suppliers are"
        lines.append(
            f"supplier: {many} spelt in several ways, and each spelling is added up by itself: "
            f"{_spellings(suppliers[0])}"
        )
    return lines


def _spellings(group: list[dict]) -> str:
    """Each spelling with its rows, and the letters of one that only look like another's."""
    names = [_SPACES.sub(_SHOWN_SPACE, one["name"]) for one in group]
    said = [
        f"'{name}' ({one['rows']:,} row{'s' * (one['rows'] != 1)})"
        for name, one in zip(names, group, strict=True)
    ]
    return f"{', '.join(said[:-1])} and {said[-1]}"


# Spaces that a screen does not show as they are: beyond ASCII, or behind another.
_SPACES = re.compile(r"(?<=\s)\s|(?! )\s")
_SHOWN_SPACE = "\u2423"


def _as_values(group: list[dict]) -> str:
    pairs = {one["name"]: group[0]["name"] for one in group[1:]}
    return f'"values": {json.dumps(pairs, ensure_ascii=False)}'


def of_restatement(r: dict) -> str:
    """One figure, from what to what."""
    what = " · ".join(
        filter(None, (r["measure_id"], r["what"], r["service_id"], r["council_id"], r["period"]))
    )
    after = "withdrawn" if r["is_withdrawn"] else r["after"] or "nothing"
    return f"{r['feed']} {what}: {r['field']} from {r['before'] or 'nothing'} to {after}"

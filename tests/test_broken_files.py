"""Real files broken one character at a time: nothing wrong is loaded without a word.

At random places of each published file a separator, quotation mark or line break is deleted, typed
too often or doubled. A broken file is the header and the lines around the break, as they stand in
the file, and is loaded as any other: hundreds in one workspace, each a file of its own, and each
held against what the whole file says of the same lines.

`BROKEN_PLACES` is how many places of each file (2,000 take some minutes); `pytest -s` prints what
became of them.
"""

import json
import os
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dashboard import settings
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.settings import Workspace
from tests.conftest import CONTRACTS, REAL
from tests.small_workspaces import both_files

PLACES = int(os.environ.get("BROKEN_PLACES") or 120)

# Lines before and behind the break that are kept of a file.
AROUND = 14

# Each file, its contract, and the resource that reads it.
FILES = {
    "spend/december_2008.csv_u": ("spend_gla_2008", "payments"),
    "spend/gateshead_2020-02.csv": ("spend_gateshead", "payments"),
    "spend/gla_2018-P11.csv": ("spend_gla_2018", "payments"),
    "spend/leeds_raw_2010-12.csv": ("spend_leeds", "payments"),
    "spend/salford_2018-06.csv": ("spend_salford", "payments"),
    "trafford/government_procurement_card_transactions_2024-25.csv": ("trafford", "card-lines"),
    "trafford/prompt_payment.csv": ("trafford", "performance"),
}

# A row by what has to be right of it: of a payment its day, service, supplier and amount.
Row = tuple[Any, ...]


@dataclass
class Broken:
    """A broken file: what was done, its text, the line it was done on, and the rows it should give.

    `is_content` is True where a character within a quoted text was changed and the line is still
    well formed with as many cells: nobody can tell that from what was meant.
    """

    what: str
    text: str
    line: int
    rows: Counter[Row]
    is_content: bool


@dataclass
class Tally:
    """What became of the broken files."""

    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def _resource(contract: str, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The resource of a contract by its name, and those whose rows stand in the contract."""
    package = json.loads((CONTRACTS / contract / "datapackage.json").read_text())
    inline = [r for r in package["resources"] if "data" in r]
    resource = next(r for r in package["resources"] if r["name"] == name)
    return resource, [*inline, {"waive": package.get("onesource", {}).get("waive", [])}]


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _load(
    folder: Path, texts: list[str], resource: dict[str, Any], inline: list[dict[str, Any]]
) -> tuple[LoadReport, dict[str, dict[int, list[Row]]]]:
    """Load files of these texts, `0.csv`, `1.csv`, …: the report, and rows by file and line.

    Of a refused file there are none; the others are loaded without it.
    """
    data = folder / "data"
    data.mkdir(parents=True)
    for n, text in enumerate(texts):
        (data / f"{n}.csv").write_text(text, encoding="utf-8", newline="")
    ours = resource.get("onesource", {})
    resources = [resource | {"path": "*.csv", "onesource": ours | {"bad_share": 1}}]
    if resource["name"] == "performance":
        # Figures have keys: each file is of a council of its own.
        resources = [_of_its_own(resource, n) for n in range(len(texts))]
    contract = folder / "datapackage.json"
    *inline, waive = inline
    package = {"name": "broken", "resources": [*inline, *resources], "onesource": waive}
    contract.write_text(json.dumps(package))
    workspace = Workspace(data, contract, folder / "warehouse")
    refused = {}
    while True:
        try:
            report = load(workspace)
            break
        except LoadRefused as refusal:
            found = {f.file: f for f in refusal.report.files if f.refused}
            assert found, refusal
            refused |= found
            for name in found:
                (data / name).unlink()
    with both_files(workspace.warehouse, report.version) as con:
        rows = con.execute(_ROWS[ours.get("feed", resource["name"])]).fetchall()
    by_file: dict[str, dict[int, list[Row]]] = {}
    for name, line, *row in rows:
        by_file.setdefault(name, {}).setdefault(line, []).append(tuple(row))
    report.files += refused.values()
    return report, by_file


_ROWS = {
    "ledger": "select file, line, date, service_id, supplier, amount_gbp from ledger "
    "join files using (file_id)",
    "performance": "select file, line, period, measure_id, value from staging.performance_rows "
    "join files using (file_id)",
}


def _of_its_own(resource: dict[str, Any], n: int) -> dict[str, Any]:
    fields = [
        f | ({"onesource": {"constant": f"council {n}"}} if f["name"] == "council_id" else {})
        for f in resource["schema"]["fields"]
    ]
    ours = {"feed": resource["name"], "bad_share": 1}
    schema = resource["schema"] | {"fields": fields}
    return resource | {
        "name": f"{resource['name']}-{n}",
        "path": f"{n}.csv",
        "schema": schema,
        "onesource": resource.get("onesource", {}) | ours,
    }


def _broken(text: str, whole: dict[int, list[Row]], header: int, chance: random.Random) -> Broken:
    """The file with one character changed, and what stands around it."""
    what, mark = chance.choice(["deleted", "added", "doubled"]), chance.choice(',"\n')
    if what == "added":
        at = chance.randrange(len(text))
    else:
        places = [m.start() for m in re.finditer(mark, text)]
        if not places:
            mark, places = ",", [m.start() for m in re.finditer(",", text)]
        at = chance.choice(places)
    line = text.count("\n", 0, at) + 1
    lines = text.split("\n")
    first = max(header, line - 1 - AROUND)
    last = max(header, min(len(lines), line + AROUND))
    head = lines[:header]
    kept = head + lines[first:last]
    begin = sum(len(one) + 1 for one in (head if line <= header else lines[:first]))
    before = sum(len(one) + 1 for one in head) if line > header else 0
    at_cut = at if line <= header else before + at - begin
    window = "\n".join(kept) + "\n"
    assert window[at_cut] == text[at]
    cut = window[at_cut + (what == "deleted") :]
    changed = window[:at_cut] + ("" if what == "deleted" else mark) + cut
    rows = Counter(r for n in range(first + 1, last + 1) for r in whole.get(n, []))
    begin = window.rfind("\n", 0, at_cut) + 1
    place = at_cut - begin
    said = {",": "separator", '"': "mark", "\n": "line break"}[mark]
    # Between the marks of a quoted text, where a separator or line break is only a letter.
    is_content = mark != '"' and line > header and window.count('"', begin, at_cut) % 2 == 1
    shown = f"{said} {what} on line {line} at {place}: {lines[line - 1][:300]!r}"
    return Broken(shown, changed, line, rows, is_content)


def _judge(
    broken: list[Broken], report: LoadReport, rows: dict[str, dict[int, list[Row]]]
) -> Tally:
    accounts = {f.file: f for f in report.files}
    aside: dict[str, set[int]] = {}
    for problem in report.problems:
        aside.setdefault(problem["file"], set()).add(problem["line"])
    tally = Tally()
    for n, one in enumerate(broken):
        account = accounts[f"{n}.csv"]
        if account.refused:
            tally.told["refused"] += 1
            continue
        got = rows.get(account.file, {})
        found = Counter(r for some in got.values() for r in some)
        wrong = [(line, r) for line, some in got.items() for r in some if r not in one.rows]
        surplus = +(found - one.rows)
        lost = +(one.rows - found)
        notes = " ".join(account.notes)
        named = {
            int(number)
            for said in re.findall(r"\(?lines? ([\d, ]+)", notes)
            for number in re.findall(r"\d+", said)
        }
        of_all = "every row" in notes
        has_word = of_all or all(line in named for line, _ in wrong)
        is_counted = of_all or not lost or bool(named or aside.get(account.file))
        if not surplus and not lost:
            tally.told["as before"] += 1
        elif one.is_content:
            tally.told["beyond any reader"] += 1
        elif has_word and is_counted and (wrong or not surplus):
            tally.told["noted" if wrong else "set aside"] += 1
        else:
            tally.told["wrong"] += 1
            tally.wrong.append(
                f"{one.what}\n   loaded {dict(surplus)}\n   lost {dict(lost)}\n"
                f"   notes {account.notes}\n   skipped {account.skipped}"
            )
    return tally


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_with_one_character_broken_loads_nothing_wrong_without_a_word(
    name, tmp_path, monkeypatch
):
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"the published file {name} is not on this machine ({path})")
    monkeypatch.setattr(settings, "FAST_READER_BYTES", 10**12)
    text = _decoded(path.read_bytes()).rstrip("\n") + "\n"
    resource, inline = _resource(*FILES[name])
    _, rows = _load(tmp_path / "whole", [text], resource, inline)
    whole = rows["0.csv"]
    header = 0 if resource.get("dialect", {}).get("header") is False else 1
    chance = random.Random(name)
    broken = list(
        {b.text: b for b in (_broken(text, whole, header, chance) for _ in range(PLACES))}.values()
    )
    report, got = _load(tmp_path / "broken", [b.text for b in broken], resource, inline)
    tally = _judge(broken, report, got)
    print(f"\n{name}: {len(broken):,} places: {dict(tally.told)}")
    assert not tally.wrong, "\n".join(tally.wrong[:20])

"""All that a checkout answers of one workspace, as JSON: `tests.same` runs it in either checkout.

    DATA=… CONTRACT=… WAREHOUSE=… PYTHONPATH=CHECKOUT python -P tests/dump.py OUT.json

An older checkout does not have this file, and a newer one may have moved what it looks for. So it
goes through the command line and the few names of NAMES alone, and imports nothing of tests.
"""

import base64
import dataclasses
import gzip
import html
import importlib
import inspect
import io
import json
import os
import pkgutil
import re
import runpy
import sys
import tempfile
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

# Every name of the product that is used here, by what it is for: each where it may be found, the
# newest place first. A module that is renamed is added in front.
NAMES = {
    "query names": ("dashboard.warehouse:names",),
    "parameters of a query": ("dashboard.warehouse:parameters_of",),
    "fetch": ("dashboard.warehouse:fetch",),
    "version": ("dashboard.warehouse:version",),
    "exhibits by name": ("dashboard.exhibits.exhibit:MAKERS",),
}
# The package whose modules make exhibits, all of which are imported.
EXHIBITS = "dashboard.exhibits"

# What was called otherwise before: queries, exhibits, and fields of charts, by the old name.
RENAMED: dict[str, str] = {"places": "points"}

# Values that are tried of one parameter, while the others keep their first.
_MOST_VALUES = 4

# A time behind a day.
_TIME = r"(T|, | at | )\d\d:\d\d(:\d\d)?([.]\d+)?( UTC|Z|[+]00:00)?"

# Documents of a story, by the word of the command line.
_FORMATS = ("pptx", "xlsx", "html", "docx")


def found(what: str) -> Any:
    """What one of NAMES stands for in this checkout. Raises LookupError where it is nowhere."""
    for place in NAMES[what]:
        module, _, name = place.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ModuleNotFoundError, AttributeError):
            continue
    raise LookupError(f"{what}: not at {', '.join(NAMES[what])}; add its place to tests/dump.py")


def dump() -> dict[str, Any]:
    """The load's words, then, where it published: queries, exhibits and documents."""
    status, said = _command("load", "--json")
    answers: dict[str, Any] = {"load": {"status": status, "said": _as_json(said)}}
    try:
        version = found("version")()
    except Exception as error:
        answers["load"]["published"] = f"{type(error).__name__}"
        return _masked(answers, None)
    given = _parameters()
    answers["queries"] = {_now(name): _query(name, given) for name in found("query names")()}
    answers["exhibits"] = dict(_exhibits(given))
    answers["documents"] = dict(_documents())
    return _masked(answers, version)


def _now(name: str) -> str:
    return RENAMED.get(name, name)


def _command(*words: str) -> tuple[int, str]:
    """The exit status and what a command of `python -m dashboard` prints."""
    said, before = io.StringIO(), sys.argv
    sys.argv = ["dashboard", *words]
    try:
        with redirect_stdout(said), redirect_stderr(said):
            runpy.run_module("dashboard", run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.argv = before
    return status, said.getvalue()


def _as_json(said: str) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        return said.splitlines()


def _parameters() -> dict[str, list[Any]]:
    """Values for each parameter that a query or exhibit may take; the first is its usual one."""
    fetch = found("fetch")
    (workspace,) = fetch("workspace").rows()
    first, newest = workspace["first_month"], workspace["newest_month"]
    first, newest = first or date(2017, 4, 1), newest or date(2018, 3, 1)
    councils = [r["council_id"] for r in fetch("councils").rows() if r["kind"] == "council"]
    services = list(fetch("services")["service_id"])
    measures = list(fetch("measures")["measure_id"])
    april = date(newest.year - (newest.month < 4), 4, 1)
    resources = list(dict.fromkeys(fetch("contract_fields")["resource"]))
    return {
        "at_most": [1000],
        "basis": ["equal", "volume", None],
        "budget_block": [None],
        "by": [None],
        "cost_type": [None],
        "council_id": councils,
        "council_ids": [tuple(councils), tuple(councils[:1])],
        "data_version": [None],
        "feed": ["costs", "performance", None],
        "file": [None],
        "first": [0],
        "from_month": [first, april],
        "leaves": [True, False],
        "measure_id": _spread(measures, 3 * _MOST_VALUES),
        "measure_ids": [tuple(measures)],
        "on": [newest + timedelta(days=75)],
        "quarters": [2],
        "resource": resources,
        "rule": [None],
        "service_id": [*services[:1], None, *services[1:]],
        "since": [april],
        "stamp": [""],
        "supplier": [None],
        "to_month": [newest, date(newest.year - 1, newest.month, 1)],
        "unit": [None],
    }


def _spread(values: list[Any], count: int) -> list[Any]:
    """So many of the values, from all over them; the first is among them."""
    return values[:: max(1, -(-len(values) // count))]


def _variants(names: list[str], given: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Parameters as usual, then with each one changed in turn. Raises LookupError for unknown."""
    if unknown := [n for n in names if not given.get(n)]:
        raise LookupError(f"no value is known for {', '.join(unknown)}")
    usual = {n: given[n][0] for n in names}
    variants = [usual]
    for name in names:
        most = None if name == "measure_id" else _MOST_VALUES
        variants += [{**usual, name: value} for value in given[name][1:most]]
    return variants


def _query(name: str, given: dict[str, list[Any]]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    try:
        variants = _variants(list(found("parameters of a query")(name)), given)
    except LookupError as lacking:
        return {"": str(lacking)}
    for parameters in variants:
        try:
            answer = found("fetch")(name, **parameters)
            rows = [" | ".join(map(_text, row)) for row in zip(*answer.values, strict=True)]
            said: Any = {"columns": " | ".join(answer.columns), "rows": rows}
        except Exception as error:
            # What is refused must be refused alike.
            said = f"{type(error).__name__}: {error}"
        answers[_label(parameters)] = said
    return answers


def _exhibits(given: dict[str, list[Any]]) -> Any:
    package = importlib.import_module(EXHIBITS)
    for module in pkgutil.walk_packages(package.__path__, f"{EXHIBITS}."):
        importlib.import_module(module.name)
    for name, make in sorted(found("exhibits by name").items()):
        taken = inspect.signature(make).parameters
        needed = [n for n, p in taken.items() if p.default is p.empty]
        may = [n for n in taken if n not in needed and given.get(n)]
        answers: dict[str, Any] = {}
        try:
            for parameters in _variants([*needed, *may], given):
                try:
                    said: Any = _exhibit(make(**parameters))
                except Exception as error:
                    said = f"{type(error).__name__}: {error}"
                answers[_label(parameters)] = said
        except LookupError as lacking:
            answers[""] = str(lacking)
        yield _now(name), answers


def _exhibit(one: Any) -> dict[str, Any]:
    """Words, table and chart of an exhibit, without its parameters and version."""
    said: dict[str, Any] = {k: getattr(one, k) for k in ("title", "subtitle", "alt", "empty")}
    if one.provenance:
        said["provenance"] = one.provenance.sentence()
    if table := one.table:
        said["table"] = {
            "caption": table.caption,
            "columns": " | ".join(table.columns),
            "rows": [
                " | ".join(" · ".join(_line(line) for line in cell.lines) for cell in row)
                for row in table.rows
            ],
            "raw columns": " | ".join(table.raw_columns),
            "raw rows": [" | ".join(map(_text, row)) for row in table.raw_rows],
        }
    said["chart"] = _plain(one.chart)
    return said


def _line(line: tuple[str, str | None]) -> str:
    text, mark = line
    return f"{text} [{mark}]" if mark else text


def _plain(value: Any) -> Any:
    """A record as JSON has it: fields by name, whatever its class is called."""
    if dataclasses.is_dataclass(value):
        names = (f.name for f in dataclasses.fields(value))
        return {_now(n): _plain(getattr(value, n)) for n in names}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(_text, value))
    return value if value is None or isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return value.isoformat() if isinstance(value, date) else str(value)


def _label(parameters: dict[str, Any]) -> str:
    def said(value: Any) -> str:
        if isinstance(value, tuple) and len(value) > 3:
            return f"{len(value)} of them"
        return _text(value)

    return ", ".join(f"{name}={said(value)}" for name, value in sorted(parameters.items()))


def _documents() -> Any:
    """The workspace's own stories in all formats, and the report to the committee."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((Path(os.environ["DATA"]) / "stories").glob("*.json")):
            title = json.loads(path.read_text(encoding="utf-8"))["title"]
            for to in _FORMATS:
                out = Path(folder) / f"story.{to}"
                yield f"{path.stem}.{to}", _written(out, "export", title, "--to", to, str(out))
        out = Path(folder) / "report.docx"
        yield "report.docx", _written(out, "report", str(out))


def _written(out: Path, *words: str) -> Any:
    out.unlink(missing_ok=True)
    status, said = _command(*words)
    if status or not out.exists():
        return {"status": status, "said": said}
    return _of_document(out.read_bytes(), out.suffix)


def _of_document(content: bytes, suffix: str) -> Any:
    if suffix == ".html":
        # What the page draws lies in it compressed.
        page = re.sub(r"H4sI[\w+/=]+", lambda packed: _opened(packed[0]), content.decode())
        pieces = re.split(r"(?=<)|(?<=>)|(?<=[},])", page)
        return [text for piece in pieces if (text := html.unescape(piece).strip())]
    if suffix == ".xlsx":
        return _of_workbook(content)
    parts: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in sorted(packed.namelist()):
            if name.endswith(".xlsx"):
                parts[name] = _of_workbook(packed.read(name))
            elif name.endswith(".xml") and not name.startswith("docProps"):
                root = ElementTree.fromstring(packed.read(name))
                texts = [text for piece in root.itertext() if (text := piece.strip())]
                # The text alternative of a picture or chart is an attribute.
                texts += [e.attrib["descr"] for e in root.iter() if e.attrib.get("descr")]
                if texts:
                    parts[name] = texts
    return parts


def _opened(packed: str) -> str:
    return gzip.decompress(base64.b64decode(packed)).decode()


def _of_workbook(content: bytes) -> Any:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [
            " | ".join(_text(c) for c in row) for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book
    }


def _masked(answers: dict[str, Any], version: str | None) -> dict[str, Any]:
    """The answers without what differs from one run to the next: version, places, today."""
    text = json.dumps(_plain(answers), ensure_ascii=False)
    places = (os.environ[name] for name in ("WAREHOUSE", "DATA", "CONTRACT"))
    for said in (version, *places, os.environ["PYTHONPATH"]):
        text = text.replace(said, "…") if said else text
    for day in (datetime.now(UTC).date(), datetime.now(UTC).date() - timedelta(days=1)):
        forms = (
            day.isoformat(),
            f"{day.day} {day:%B %Y}",
            f"{day:%d/%m/%Y}",
            f"{day.day} {day:%b %Y}",
        )
        for form in forms:
            text = re.sub(f"{re.escape(form)}({_TIME})?", "TODAY", text)
    # Sums by two threads differ in the last digits from one run to the next.
    # Twelve digits keep the pennies of ten thousand million pounds.
    text = re.sub(r"-?\d+[.]\d+", lambda long: format(float(long[0]), ".12g"), text)
    return json.loads(text)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(dump(), ensure_ascii=False), encoding="utf-8")

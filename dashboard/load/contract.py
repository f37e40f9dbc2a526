"""A workspace's contract: a Frictionless Data Package, with our own words under `onesource`.

The standard says each field's type, format, missing values, constraints and keys. What it has
no word for stands in an object named `onesource`; docs/contract.md lists every such word.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from dashboard.load import values as taken
from dashboard.load.cases import Days
from dashboard.load.dates import AmbiguousDates, read_dates
from dashboard.load.feeds import FEEDS, OWNERS, Feed
from dashboard.load.periods import AmbiguousPeriods, PeriodRules, numbers_headed, read_column
from dashboard.load.spelling import is_name, one_space
from dashboard.load.standard import (
    check_dialect,
    check_field,
    check_resource,
    check_schema,
    check_words,
    nearest,
)
from dashboard.load.values import ContractError

# The standard's types that each of our kinds may be declared as.
_TYPES = {
    "text": {"string", "any", "integer", "year", "yearmonth"},
    "integer": {"integer"},
    "number": {"number", "integer"},
    "money": {"number", "integer"},
    "share": {"number", "integer"},
    "boolean": {"boolean"},
    "date": {"date", "datetime", "string"},
    "month": {"yearmonth", "date", "string", "year"},
    "period": {"yearmonth", "date", "string", "year"},
}

# Our own words, by the object they may stand in. A word that is not here is a slip, and says so.
_WORDS = {
    "package": {"waive", "bad_share", "as_of"},
    "resource": {
        "feed",
        "illustrative",
        "only",
        "cells",
        "gather",
        "adds_up",
        "bad_share",
        "totals",
        "expected_days",
    },
    "field": {
        "names",
        "column",
        "constant",
        "join",
        "values",
        "suppressed",
        "scale",
        "lookup",
        "period",
        "across",
        "suffixes",
        "count",
        "from",
        "percent",
    },
    "period": {"spans", "notes", "hyphen", "digits", "quarters", "year", "dates", "numbers"},
}

# Checks that a publisher's figures need not pass, beside the measure fields he need not give.
WAIVABLE_CHECKS = ("part_of_whole", "ratio")

_CHOICES = {
    "spans": ("financial", "calendar"),
    "hyphen": ("months", "years"),
    "digits": ("months", "periods", "years"),
    "quarters": ("financial", "calendar"),
    "numbers": ("months", "periods", "quarters"),
}

_NUMBERS = {"integer", "number", "money", "share"}

# The figures that may be per cents or shares of one, as their measure or their own unit says. All
# other numbers are counts or amounts.
PER_CENTS = {
    *("value", "target", "tolerance", "lower_quartile", "median", "upper_quartile", "figure"),
    *("share", "satisfied_share"),
}


@dataclass(frozen=True)
class Field:
    """One field of a feed, and where in the publisher's file it is found."""

    name: str
    kind: str
    names: tuple[str, ...]
    required: bool
    column: int | None = None
    minimum: float | date | None = None
    maximum: float | date | None = None
    is_whole: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    unique: bool = False
    enum: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None
    format: str = "default"
    decimal_char: str = "."
    group_char: str = ","
    is_marked: bool = False
    true_values: tuple[str, ...] = ("true", "yes", "y", "1")
    false_values: tuple[str, ...] = ("false", "no", "n", "0")
    constant: str | None = None
    join: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    suppressed: tuple[str, ...] = ()
    scale: float | None = None
    period: PeriodRules = PeriodRules()
    lookup: tuple[str, str, str] | None = None
    across: tuple[str, ...] | None = None
    across_columns: tuple[tuple[str, int], ...] = ()
    suffixes: tuple[tuple[str, float], ...] = ()
    count: tuple[str, tuple[str, ...]] | None = None
    # "file name" or "above", where the file says it of all its rows; above, beside which word.
    where: str | None = None
    label: str | None = None
    # Where the count is of cases answered in time, by two dates (the columns of `join`).
    days: Days | None = None
    percent: str | None = None

    @property
    def is_number(self) -> bool:
        return self.kind in _NUMBERS

    @property
    def is_in_file(self) -> bool:
        """False for what the contract itself says of every row."""
        return self.constant is None and self.where is None and self.count != ("", ())


@dataclass(frozen=True)
class Resource:
    """One resource of the contract: the files of one feed (or a part of it)."""

    name: str
    feed: str
    paths: tuple[str, ...]
    fields: tuple[Field, ...]
    missing: tuple[str, ...]
    delimiter: str | None
    encoding: str | None
    only: tuple[tuple[str, tuple[str, ...]], ...]
    source: str | None
    illustrative: bool
    data: str | None = None
    has_header: bool = True
    header_rows: tuple[int, ...] = ()
    comment: str | None = None
    comment_rows: tuple[int, ...] = ()
    skips_space: bool = False
    cells: str | None = None
    gather: bool = False
    adds_up: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bad_share: float | None = None
    totals: tuple[str, ...] = ()
    expected_days: int | None = None

    @property
    def wants_care(self) -> bool:
        """True where only the careful reader does what the contract's dialect says."""
        return self.comment is not None or bool(self.comment_rows) or self.skips_space

    def missing_of(self, field: Field) -> set[str]:
        """The texts that mean "no value" in a field: its own, else the schema's; always none."""
        return {*(self.missing if field.missing is None else field.missing), ""}

    @property
    def across(self) -> Field | None:
        """The field whose values are column headings, where there is one."""
        return next((f for f in self.fields if f.across is not None), None)

    @property
    def template(self) -> str:
        """An empty export of this resource: its header, under the first name of each field."""
        names: list[str] = []
        for f in self.fields:
            if f.constant is None and f.where is None and f.across is None and not f.count:
                names += f.join or (f.names[0],)
        if self.across is not None:
            names += self.across.across or ("2018-04", "2018-05")
        mark = self.delimiter or ","
        quoted = (f'"{n}"' if mark in n else n for n in dict.fromkeys(names))
        return mark.join(quoted) + "\n"


@dataclass(frozen=True)
class Contract:
    """The whole contract."""

    path: Path
    name: str
    title: str
    description: str
    licence: str
    waived: tuple[str, ...]
    bad_share: float | None = None
    as_of: date | None = None
    resources: tuple[Resource, ...] = field(default=())


def read_contract(path: Path) -> Contract:
    """The contract in `path`. Raises ContractError with the place that is wrong."""
    try:
        if path.exists() and not path.is_file():
            # Whoever opens a pipe waits for somebody to write into it.
            raise ContractError(f"{path}: a pipe, a device or a folder, and no contract")
        package = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ContractError(
            f"{path}: no contract can be read here ({error.strerror}); a workspace needs a "
            "datapackage.json, see docs/contract.md"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{path}: not JSON: {error}") from error
    return parse_contract(package, path)


def parse_contract(package: Any, path: Path) -> Contract:
    """A contract from its parsed JSON. Raises ContractError, naming the place that is wrong."""
    try:
        return _package(package, path)
    except (TypeError, AttributeError, KeyError, ValueError, OverflowError) as error:
        if isinstance(error, ContractError):
            raise
        # A list where an object belongs, and the like: the shape of the contract is wrong.
        raise ContractError(f"{path}: the contract has the wrong shape: {error}") from error


def _package(package: Any, path: Path) -> Contract:
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise ContractError(f"{path}: a data package is an object with a list of 'resources'")
    # Texts that no file can hold (half of a pair of code units) are in no export either.
    json.dumps(package, ensure_ascii=False).encode()
    check_words(package, "package", str(path))
    ours = _ours(package, str(path), "package")
    resources = tuple(_resource(r, path) for r in package["resources"])
    names = [r.name for r in resources]
    for name in names:
        if names.count(name) > 1:
            raise ContractError(f"{path}: two resources are named '{name}'; names are unique")
    waived = _texts(ours.get("waive", ()))
    known = (*FEEDS["measures"].fields, *WAIVABLE_CHECKS)
    for word in waived:
        if word not in known:
            raise ContractError(f"{path}: cannot waive '{word}'{nearest(word, known)}")
    order = list(FEEDS)
    licences = package.get("licenses") or [{}]
    return Contract(
        path=path,
        name=str(package.get("name", path.parent.name)),
        title=str(package.get("title", package.get("name", path.parent.name))),
        description=str(package.get("description", "")),
        licence=str(licences[0].get("title") or licences[0].get("name") or ""),
        waived=waived,
        bad_share=_share(ours.get("bad_share"), str(path)),
        as_of=date.fromisoformat(ours["as_of"]) if "as_of" in ours else None,
        resources=tuple(sorted(resources, key=lambda r: order.index(r.feed))),
    )


def _ours(thing: dict[str, Any], place: str, where: str) -> dict[str, Any]:
    ours = thing.get("onesource", {})
    if not isinstance(ours, dict):
        raise ContractError(f"{place}: 'onesource' has to be an object")
    _known(ours, _WORDS[where], f"{place}: 'onesource'")
    return ours


def _known(given: Iterable[str], words: Iterable[str], place: str) -> None:
    for word in given:
        if word not in words:
            raise ContractError(f"{place} has no word '{word}'{nearest(word, words)}")


def _texts(given: Any) -> tuple[str, ...]:
    """One text or a list of them; the standard's labelled missing values are objects."""
    if isinstance(given, str | int | float) or given is None:
        given = () if given is None else (given,)
    # Cells are read without the spaces around them, and so is what they are compared with.
    return tuple(str(one["value"] if isinstance(one, dict) else one).strip() for one in given)


def _share(given: Any, place: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise ContractError(f"{place}: 'bad_share' is a share from 0 to 1, not {given!r}")
    return float(given)


def _resource(resource: dict[str, Any], path: Path) -> Resource:
    name = str(resource.get("name", ""))
    place = f"{path}: resource '{name}'"
    check_resource(resource, place)
    ours = _ours(resource, place, "resource")
    feed = str(ours.get("feed", name))
    if feed not in FEEDS:
        raise ContractError(
            f"{place}: there is no feed '{feed}'; the feeds are {', '.join(FEEDS)}. "
            'A resource of another name says which it fills: "onesource": {"feed": "…"}'
        )
    paths, data = _texts(resource.get("path")), resource.get("data")
    if not paths and data is None:
        raise ContractError(f"{place}: 'path' names no file, and there is no 'data' in its place")
    for one in paths:
        if Path(one).is_absolute() or ".." in Path(one).parts:
            raise ContractError(f"{place}: path '{one}' leaves the workspace folder")
    schema = resource.get("schema", {})
    if not isinstance(schema, dict):
        raise ContractError(f"{place}: 'schema' has to stand here, as an object with 'fields'")
    check_schema(schema, FEEDS[feed].key, OWNERS, place)
    given_fields = schema.get("fields", [])
    if data is not None and not given_fields:
        given_fields = [{"name": n} for n in _names_of(data)]
    fields = tuple(_field(f, FEEDS[feed], place, data is not None) for f in given_fields)
    _check_fields(fields, FEEDS[feed], feed, place)
    return _with_dialect(resource, ours, place, name, feed, paths, fields)


def _with_dialect(
    resource: dict[str, Any],
    ours: dict[str, Any],
    place: str,
    name: str,
    feed: str,
    paths: tuple[str, ...],
    fields: tuple[Field, ...],
) -> Resource:
    dialect = resource.get("dialect", {})
    check_dialect(dialect, place)
    sources = resource.get("sources") or [{}]
    across = [f for f in fields if f.across is not None]
    data = resource.get("data")
    encoding = resource.get("encoding")
    if encoding is not None:
        try:
            "".encode(encoding)
        except LookupError as error:
            raise ContractError(f"{place}: there is no encoding '{encoding}'") from error
    gather = taken.truth(ours.get("gather"), "gather", place) or any(f.count for f in fields)
    shares = [f.name for f in fields if f.kind == "share" and f.constant is None]
    if gather and shares:
        raise ContractError(
            f"{place}: rows are gathered, and {', '.join(shares)} cannot be added up; give the "
            "counts it is made of"
        )
    return Resource(
        name=name,
        feed=feed,
        paths=paths if data is None else (),
        fields=fields,
        missing=(
            *_texts(resource.get("schema", {}).get("missingValues", [""])),
            *_texts(dialect.get("nullSequence")),
        ),
        delimiter=taken.mark(dialect.get("delimiter"), "delimiter", place, None),
        encoding=encoding,
        only=tuple((column, _texts(wanted)) for column, wanted in ours.get("only", {}).items()),
        source=sources[0].get("title"),
        illustrative=taken.truth(ours.get("illustrative"), "illustrative", place),
        data=None if data is None else _inline(data, place),
        has_header=taken.truth(dialect.get("header"), "header", place, default=True),
        header_rows=tuple(
            taken.whole(n, "headerRows", place, least=1) or 1 for n in dialect.get("headerRows", ())
        ),
        comment=taken.mark(dialect.get("commentChar"), "commentChar", place, None),
        comment_rows=tuple(
            taken.whole(n, "commentRows", place, least=1) or 1
            for n in taken.several(dialect.get("commentRows"))
        ),
        skips_space=taken.truth(dialect.get("skipInitialSpace"), "skipInitialSpace", place),
        cells=_cells(ours.get("cells"), fields, place) if across else None,
        gather=gather,
        adds_up=tuple(
            (taken.text(rule["total"], "total", place) or "", _texts(rule["parts"]))
            for rule in ours.get("adds_up", ())
        ),
        bad_share=_share(ours.get("bad_share"), place),
        totals=tuple(t.lower() for t in _texts(ours.get("totals")) if t),
        expected_days=taken.whole(ours.get("expected_days"), "expected_days", place),
    )


def _check_fields(fields: tuple[Field, ...], shape: Feed, feed: str, place: str) -> None:
    given = [f.name for f in fields]
    for name in given:
        if given.count(name) > 1:
            raise ContractError(f"{place}: field '{name}' is declared twice")
    lacking = [f for f in shape.required if f not in given]
    if lacking:
        raise ContractError(f"{place}: feed '{feed}' needs the field(s) {', '.join(lacking)}")
    if len([f for f in fields if f.across is not None]) > 1:
        raise ContractError(f"{place}: only one field can stand across the columns")


def _cells(given: str | None, fields: tuple[Field, ...], place: str) -> str:
    """The field that a column's cells hold, where the heading is a period (or the like) alone."""
    figures = [f.name for f in fields if f.is_number and f.constant is None]
    if given is None and len(figures) == 1:
        return figures[0]
    if given is None and "value" in figures:
        return "value"
    if given not in [f.name for f in fields]:
        raise ContractError(
            f"{place}: a field stands across the columns, so say which field their cells hold: "
            f'"onesource": {{"cells": "…"}}, one of {", ".join(figures)}'
        )
    return given


def _inline(data: Any, place: str) -> str:
    """Rows that stand in the contract itself, as the CSV text of the export they replace."""
    if not isinstance(data, list) or not data:
        raise ContractError(f"{place}: 'data' has to be a list of rows")
    names = _names_of(data)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in data if isinstance(data[0], dict) else data[1:]:
        cells = [row.get(n) for n in names] if isinstance(row, dict) else row
        writer.writerow(
            "" if c is None else str(c).lower() if c in (True, False) and isinstance(c, bool) else c
            for c in cells
        )
    return out.getvalue()


def _names_of(data: Any) -> list[str]:
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return list(dict.fromkeys(name for row in data for name in row))
    return [str(name) for name in data[0]] if isinstance(data, list) and data else []


def _field(given: dict[str, Any], feed: Feed, place: str, is_inline: bool) -> Field:
    name = str(given.get("name", ""))
    place = f"{place}, field '{name}'"
    if name not in feed.fields:
        raise ContractError(
            f"{place}: the feed has no such field; it has {', '.join(feed.fields)}. The "
            'publisher\'s own names stand in "onesource": {"names": ["…"]}'
        )
    kind = feed.fields[name]
    # Rows in the contract itself need no types; they are what the feed's fields are.
    natural = "number" if "number" in _TYPES[kind] else min(_TYPES[kind])
    declared = given.get("type", natural if is_inline else "string")
    if declared not in _TYPES[kind]:
        raise ContractError(
            f"{place}: type '{declared}' cannot hold a {kind}; "
            f"use {' or '.join(sorted(_TYPES[kind]))}"
        )
    check_field(given, kind, place)
    ours = _ours(given, place, "field")
    limits = given.get("constraints", {})
    names = _texts(ours.get("names", name))
    form = taken.text(given.get("format"), "format", place, "default") or "default"
    if kind == "date" and declared == "string" and form == "default":
        form = "any"
    if (
        kind in ("date", "month", "period")
        and form not in ("default", "any", "excel")
        and not re.search("%[yYcxG]", form)
    ):
        raise ContractError(f"{place}: format '{form}' names no year")
    period = _period(
        ours.get("period", {}), form if kind in ("month", "period") else "default", place
    )
    if period.numbers is None and kind in ("month", "period"):
        join = _texts(ours.get("join"))
        period = replace(period, numbers=numbers_headed(join or names, bool(join)))
    days = _days(ours.get("count"), place)
    made = Field(
        name=name,
        kind=kind,
        names=names,
        required=taken.truth(limits.get("required"), "required", place) or name in feed.required,
        column=taken.whole(ours.get("column"), "column", place, least=1),
        is_whole=declared == "integer" and kind in _NUMBERS,
        min_length=taken.whole(limits.get("minLength"), "minLength", place),
        max_length=taken.whole(limits.get("maxLength"), "maxLength", place),
        pattern=taken.pattern(limits.get("pattern"), place),
        unique=taken.truth(limits.get("unique"), "unique", place),
        enum=_texts(limits.get("enum", given.get("categories"))),
        missing=_texts(given["missingValues"]) if "missingValues" in given else None,
        format=form,
        decimal_char=taken.mark(given.get("decimalChar"), "decimalChar", place, ".") or ".",
        # Thousands are separated by commas unless the decimals are, or the contract says otherwise.
        group_char=taken.mark(
            given.get("groupChar"),
            "groupChar",
            place,
            "." if given.get("decimalChar") == "," else ",",
        )
        or ",",
        is_marked="decimalChar" in given or "groupChar" in given,
        true_values=_texts(given.get("trueValues", Field.true_values)),
        false_values=_texts(given.get("falseValues", Field.false_values)),
        constant=None if ours.get("constant") is None else str(ours["constant"]),
        join=(days.start, days.end) if days else _texts(ours.get("join")),
        values=_values(ours.get("values", {}), is_name(name, kind)),
        suppressed=_texts(ours.get("suppressed")),
        scale=taken.number(ours.get("scale"), "scale", place),
        period=period,
        lookup=_lookup(ours.get("lookup"), name, place),
        across=_across(ours.get("across"), place),
        across_columns=_across_columns(ours.get("across")),
        suffixes=tuple(
            (k.lower(), taken.number(v, "suffixes", place) or 1.0)
            for k, v in ours.get("suffixes", {}).items()
        ),
        count=_count(ours.get("count"), kind, place),
        days=days,
        percent=_percent(ours.get("percent"), name, place),
        **_from(ours, kind, place),
    )
    _check_constant(made, place)
    return _with_limits(made, limits, place)


def _with_limits(f: Field, limits: dict[str, Any], place: str) -> Field:
    """The field with its limits in its own kind; a limit that its kind cannot have is an error."""
    for one in ("pattern", "minLength", "maxLength"):
        if one in limits and f.kind != "text":
            raise ContractError(f"{place}: '{one}' is for texts, and this is a {f.kind}")
    found: dict[str, Any] = {}
    for one in ("minimum", "maximum"):
        given = limits.get(one)
        if given is None:
            continue
        found[one] = _as_limit(f, given)
        if found[one] is None or isinstance(found[one], str):
            raise ContractError(f"{place}: {one} {given!r} cannot be read as a {f.kind}")
    return replace(f, **found)


def _as_limit(f: Field, given: Any) -> float | date | str | None:
    """A value as the contract writes it, in the field's kind; None where it is no such value."""
    said = str(given).strip()
    if f.is_number:
        try:
            value = float(given) if not isinstance(given, bool) else math.nan
        except (TypeError, ValueError):
            return None
        return value if math.isfinite(value) else None
    try:
        if f.kind == "date":
            return read_dates([said], f.format)[said] or read_dates([said], "default")[said]
        if f.kind in ("month", "period"):
            period = read_column([said], f.period)[said]
            return period.start if period else None
    except (AmbiguousDates, AmbiguousPeriods):
        return None
    if f.kind == "boolean":
        return said.lower() if said.lower() in ("true", "false") else None
    return None


def _check_constant(f: Field, place: str) -> None:
    """A constant that cannot be read would set every row aside: the contract is wrong."""
    if f.constant is None or f.lookup:
        return
    said = dict(f.values).get(f.constant, f.constant)
    try:
        readable = {
            "date": lambda: read_dates([said], f.format)[said],
            "month": lambda: read_column([said], f.period)[said],
            "period": lambda: read_column([said], f.period)[said],
        }.get(f.kind, lambda: True)()
    except (AmbiguousDates, AmbiguousPeriods) as error:
        raise ContractError(f"{place}: the constant: {error}") from error
    if f.is_number:
        readable = re.search(r"\d", said)
    if not readable:
        raise ContractError(f"{place}: the constant '{said}' cannot be read as a {f.kind}")


def _period(given: dict[str, Any], form: str, place: str) -> PeriodRules:
    _known(given, _WORDS["period"], f"{place}: 'period'")
    for word, choices in _CHOICES.items():
        if word in given and given[word] not in choices:
            raise ContractError(
                f"{place}: 'period' says {word} '{given[word]}'; it may be {' or '.join(choices)}"
            )
    notes = tuple((given.get("notes") or {}).items())
    # The standard's word for the form of dates holds for dates among periods too.
    dates = {} if form in ("default", "any") else {"dates": form}
    return PeriodRules(**{**dates, **given, "notes": notes})


def _percent(given: Any, name: str, place: str) -> str | None:
    if given is not None and name not in PER_CENTS:
        raise ContractError(
            f"{place}: 'percent' is of figures that can be per cents, not of {name}"
        )
    if given not in (None, "as_is", "mixed"):
        raise ContractError(
            f"{place}: 'percent' is 'as_is' (numbers without a sign are in the measure's unit) or "
            f"'mixed' (those up to 1 are shares, larger ones per cents), not {given!r}"
        )
    return given


def _lookup(given: Any, name: str, place: str) -> tuple[str, str, str] | None:
    if given is None:
        return None
    feed, match, take = given.get("feed"), given.get("match"), given.get("take", name)
    # The ledger alone is not gathered before it is checked, and nothing is known by its fields.
    if (
        feed not in FEEDS
        or feed == "ledger"
        or match not in FEEDS[feed].fields
        or take not in FEEDS[feed].fields
    ):
        raise ContractError(
            f"{place}: 'lookup' names a feed, the field to 'match' and the one to 'take'; "
            f"there is no {feed}: {match}, {take}"
        )
    return feed, match, take


def _values(given: dict[str, Any], are_names: bool) -> tuple[tuple[str, str], ...]:
    """What texts are read as; names are compared as they are read, with single spaces."""
    plain = one_space if are_names else str.strip
    return tuple((plain(str(k)), plain(str(v))) for k, v in given.items())


def _from(ours: dict[str, Any], kind: str, place: str) -> dict[str, str | None]:
    """Where outside its table a file says what a field is of all its rows."""
    given = ours.get("from")
    if given is None:
        return {}
    label = given.get("above") if isinstance(given, dict) and len(given) == 1 else None
    if given not in ("file name", "above") and not (isinstance(label, str) and label.strip()):
        raise ContractError(
            f'{place}: \'from\' is "file name", "above" (the header), or {{"above": "Period"}} '
            f"for what stands beside that word, not {given!r}"
        )
    if kind not in ("date", "month", "period"):
        raise ContractError(f"{place}: 'from' finds periods and dates, and this is a {kind}")
    other = sorted({"names", "column", "constant", "join", "across", "count"} & set(ours))
    if other:
        raise ContractError(f"{place}: 'from' and '{other[0]}' both say where the field is")
    return {"where": "file name" if given == "file name" else "above", "label": label}


def _across(given: Any, place: str) -> tuple[str, ...] | None:
    if given is None or given is False:
        return None
    if given is True:
        return ()
    if not isinstance(given, list) or not given:
        raise ContractError(
            f"{place}: 'across' is true, or the list of the headings it is read from"
        )
    return tuple(str(one["heading"]).strip() if isinstance(one, dict) else one for one in given)


def _across_columns(given: Any) -> tuple[tuple[str, int], ...]:
    """The columns of headings that stand over several: which of them is meant."""
    listed = given if isinstance(given, list) else []
    return tuple(
        (str(one["heading"]).strip(), int(one["column"])) for one in listed if isinstance(one, dict)
    )


def _count(given: Any, kind: str, place: str) -> tuple[str, tuple[str, ...]] | None:
    if given is None or given is False:
        return None
    if kind not in _NUMBERS:
        raise ContractError(f"{place}: rows can be counted into a number, not into a {kind}")
    if given is True:
        return ("", ())
    if isinstance(given, dict) and "days" in given:
        return str(taken.several(given["days"])[0]), ()
    if not isinstance(given, dict) or len(given) != 1:
        raise ContractError(
            f"{place}: 'count' is true (every row), the column and the texts that count: "
            '{"Rating": ["Good", "Very good"]}, or two dates: {"days": ["Received", "Answered"], '
            '"within": 28}'
        )
    ((column, wanted),) = given.items()
    return str(column), _texts(wanted)


_DAYS = {"days", "within", "working", "as_of", "format"}


def _days(given: Any, place: str) -> Days | None:
    """Two dates by which cases are counted that were answered in time."""
    if not isinstance(given, dict) or "days" not in given:
        return None
    _known(given, _DAYS, f"{place}: 'count'")
    columns = taken.several(given["days"])
    within = taken.whole(given.get("within"), "within", place)
    if len(columns) != 2 or not all(isinstance(c, str) for c in columns) or within is None:
        raise ContractError(
            f"{place}: 'count' by days names the column of receipt, that of the answer, and within "
            'how many days: {"days": ["Received", "Answered"], "within": 28}'
        )
    as_of = given.get("as_of")
    return Days(
        *columns,
        within,
        taken.truth(given.get("working"), "working", place),
        date.fromisoformat(as_of) if as_of is not None else None,
        taken.text(given.get("format"), "format", place, "any") or "any",
    )

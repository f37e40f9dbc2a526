"""A workspace's contract: a Frictionless Data Package, with our own words under `onesource`.

The standard says each field's type, format, missing values, constraints and keys. What it has
no word for stands in an object named `onesource`; data/README.md lists every such word.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.load.feeds import FEEDS, Feed
from dashboard.load.periods import PeriodRules

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


class ContractError(ValueError):
    """The contract itself is wrong: says the file, the resource, the field and what is right."""


@dataclass(frozen=True)
class Field:
    """One field of a feed, and where in the publisher's file it is found."""

    name: str
    kind: str
    names: tuple[str, ...]
    required: bool
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()
    format: str = "default"
    constant: str | None = None
    join: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    suppressed: tuple[str, ...] = ()
    scale: float | None = None
    period: PeriodRules = PeriodRules()
    lookup: tuple[str, str, str] | None = None


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

    @property
    def shape(self) -> Feed:
        return FEEDS[self.feed]


@dataclass(frozen=True)
class Contract:
    """The whole contract."""

    path: Path
    name: str
    title: str
    description: str
    licence: str
    waived: tuple[str, ...]
    resources: tuple[Resource, ...] = field(default=())


def read_contract(path: Path) -> Contract:
    """The contract in `path`. Raises ContractError with the place that is wrong."""
    try:
        package = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ContractError(
            f"{path}: no contract can be read here ({error.strerror}); a workspace needs a "
            "datapackage.json, see data/README.md"
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: not JSON: {error}") from error
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise ContractError(f"{path}: a data package is an object with a list of 'resources'")
    ours = _ours(package, str(path))
    resources = tuple(_resource(r, path) for r in package["resources"])
    order = list(FEEDS)
    licences = package.get("licenses") or [{}]
    return Contract(
        path=path,
        name=str(package.get("name", path.parent.name)),
        title=str(package.get("title", package.get("name", path.parent.name))),
        description=str(package.get("description", "")),
        licence=str(licences[0].get("title") or licences[0].get("name") or ""),
        waived=tuple(ours.get("waive", ())),
        resources=tuple(sorted(resources, key=lambda r: order.index(r.feed))),
    )


def _ours(thing: dict[str, Any], place: str) -> dict[str, Any]:
    ours = thing.get("onesource", {})
    if not isinstance(ours, dict):
        raise ContractError(f"{place}: 'onesource' has to be an object")
    return ours


def _resource(resource: dict[str, Any], path: Path) -> Resource:
    name = str(resource.get("name", ""))
    place = f"{path}: resource '{name}'"
    ours = _ours(resource, place)
    feed = str(ours.get("feed", name))
    if feed not in FEEDS:
        raise ContractError(
            f"{place}: there is no feed '{feed}'; the feeds are {', '.join(FEEDS)}. "
            'A resource of another name says which it fills: "onesource": {"feed": "…"}'
        )
    paths = resource.get("path", [])
    paths = (paths,) if isinstance(paths, str) else tuple(paths)
    if not paths:
        raise ContractError(f"{place}: 'path' names no file")
    for one in paths:
        if Path(one).is_absolute() or ".." in Path(one).parts:
            raise ContractError(f"{place}: path '{one}' leaves the workspace folder")
    schema = resource.get("schema", {})
    dialect = resource.get("dialect", {})
    fields = tuple(_field(f, FEEDS[feed], place) for f in schema.get("fields", []))
    given = {f.name for f in fields}
    lacking = [f for f in FEEDS[feed].required if f not in given]
    if lacking:
        raise ContractError(f"{place}: feed '{feed}' needs the field(s) {', '.join(lacking)}")
    sources = resource.get("sources") or [{}]
    only = ours.get("only", {})
    return Resource(
        name=name,
        feed=feed,
        paths=paths,
        fields=fields,
        missing=tuple(schema.get("missingValues", [""])),
        delimiter=dialect.get("delimiter"),
        encoding=resource.get("encoding"),
        only=tuple((column, tuple(map(str, wanted))) for column, wanted in only.items()),
        source=sources[0].get("title"),
        illustrative=bool(ours.get("illustrative", False)),
    )


def _field(given: dict[str, Any], feed: Feed, place: str) -> Field:
    name = str(given.get("name", ""))
    place = f"{place}, field '{name}'"
    if name not in feed.fields:
        raise ContractError(f"{place}: the feed has no such field; it has {', '.join(feed.fields)}")
    kind = feed.fields[name]
    declared = given.get("type", "string")
    if declared not in _TYPES[kind]:
        raise ContractError(
            f"{place}: type '{declared}' cannot hold a {kind}; use {' or '.join(_TYPES[kind])}"
        )
    ours = _ours(given, place)
    limits = given.get("constraints", {})
    names = ours.get("names", [name])
    lookup = ours.get("lookup")
    period = ours.get("period", {})
    return Field(
        name=name,
        kind=kind,
        names=tuple([names] if isinstance(names, str) else names),
        required=bool(limits.get("required", False)) or name in feed.required,
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        enum=tuple(limits.get("enum", ())),
        format=given.get("format", "default"),
        constant=ours.get("constant"),
        join=tuple(ours.get("join", ())),
        values=tuple((str(k), str(v)) for k, v in ours.get("values", {}).items()),
        suppressed=tuple(ours.get("suppressed", ())),
        scale=ours.get("scale"),
        period=PeriodRules(
            spans=period.get("spans", "financial"),
            notes=tuple((period.get("notes") or {}).items()),
            hyphen=period.get("hyphen"),
        ),
        lookup=(lookup["feed"], lookup["match"], lookup.get("take", name)) if lookup else None,
    )

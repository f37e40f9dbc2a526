"""The standard's words, at every level of a contract: read, descriptive, or refused by name.

A word that changes what a file means must not be passed over: whoever wrote it believes that it
is heeded. Words of Data Package 1 and 2, Table Schema and CSV Dialect that are not read here are
refused with what does it instead; words that only describe pass; what is no word at all is
refused with the nearest that is. Words of others' own (`x-…`, `_…`, `ns:word`) pass.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from dashboard.load import values as taken
from dashboard.load.values import ContractError

_DESCRIBES = {
    *("$schema", "profile", "name", "id", "title", "description", "homepage", "version"),
    *("sources", "contributors", "licenses", "license", "keywords", "image", "created"),
    *("author", "maintainers", "publisher", "modified", "metadata", "bytes", "hash", "stats"),
}

# The words of each level that are read, or that say nothing of what the file means.
_PASS = {
    "package": {*_DESCRIBES, "resources", "onesource", "views", "spatial", "temporal"},
    "resource": {
        *_DESCRIBES,
        *("path", "data", "schema", "dialect", "encoding", "onesource"),
        *("type", "format", "mediatype", "scheme", "compression"),
    },
    "dialect": {
        *("$schema", "name", "title", "description", "csvddfVersion", "delimiter", "header"),
        *("headerRows", "commentChar", "commentRows", "nullSequence", "lineTerminator"),
        *("quoteChar", "doubleQuote", "skipInitialSpace", "caseSensitiveHeader", "type"),
    },
    "schema": {
        *("$schema", "name", "title", "description", "fields", "missingValues"),
        *("primaryKey", "foreignKeys", "uniqueKeys", "fieldsMatch"),
    },
    "field": {
        *("name", "type", "format", "title", "description", "example", "examples", "rdfType"),
        *("constraints", "missingValues", "decimalChar", "groupChar", "bareNumber"),
        *("trueValues", "falseValues", "categories", "categoriesOrdered", "onesource"),
    },
    "constraints": {
        *("required", "unique", "minimum", "maximum", "minLength", "maxLength"),
        *("pattern", "enum"),
    },
}

_OF_RESOURCES = "it stands in a resource"
_OF_SCHEMA = "it stands in the resource's 'schema'"
_OF_DIALECT = "it stands in the resource's 'dialect'"
_OF_CONSTRAINTS = "it stands in the field's 'constraints'"
_NOT_CSV = "only CSV files are read"

# Words that would change what is read and are not heeded, each with what does it instead.
_REFUSED = {
    "package": {
        **dict.fromkeys(("path", "data", "schema", "dialect", "encoding"), _OF_RESOURCES),
        "missingValues": _OF_SCHEMA,
    },
    "resource": {
        **dict.fromkeys(("fields", "missingValues", "primaryKey", "foreignKeys"), _OF_SCHEMA),
        **dict.fromkeys(("delimiter", "header", "quoteChar", "commentChar"), _OF_DIALECT),
        **dict.fromkeys(("innerpath", "innerPath", "control", "layout"), _NOT_CSV),
        "url": "files are read from the workspace's folder: give 'path'",
        "extrapaths": "list them all in 'path'",
    },
    "dialect": {
        "escapeChar": "a quotation mark within a quoted text is doubled, and nothing is escaped",
        "headerJoin": (
            "of several header rows the lowest that says something is the heading; a field across "
            "the columns is found by both"
        ),
        **dict.fromkeys(
            ("property", "itemType", "itemKeys", "sheetNumber", "sheetName", "sheet", "table"),
            _NOT_CSV,
        ),
        **dict.fromkeys(
            ("skipRows", "skipBlankRows", "limitRows", "headerCase"),
            "the header is looked for, or 'headerRows' says where it is; blank lines are skipped",
        ),
    },
    "schema": {
        **dict.fromkeys(("decimalChar", "groupChar", "constraints"), "it stands in a field"),
    },
    "field": {
        **dict.fromkeys(
            (
                *("required", "unique", "enum", "minimum", "maximum"),
                *("pattern", "minLength", "maxLength"),
            ),
            _OF_CONSTRAINTS,
        ),
        **dict.fromkeys(
            ("names", "column", "constant", "join", "values", "suppressed", "scale", "period"),
            "it stands in the field's 'onesource'",
        ),
        **dict.fromkeys(("delimiter", "itemType"), "no field of ours holds a list"),
    },
    "constraints": {
        **dict.fromkeys(
            ("exclusiveMinimum", "exclusiveMaximum", "jsonSchema"),
            "it is not looked at here; leave it out",
        ),
    },
}

_OWN_WORD = re.compile(r"x-.*|_.*|\$comment|[A-Za-z][\w-]*:.+|onesource_\w+")

# Media types and formats that a CSV file is published under.
_CSV_TYPES = {"text/csv", "text/plain", "text/tab-separated-values", "application/csv"}
_CSV_FORMATS = {"csv", "tsv", "tab", "txt", "psv", "dat"}


def check_words(given: Any, level: str, place: str) -> None:
    """Refuse the words of an object of the contract that are not heeded, and slips.

    `level` is package, resource, dialect, schema, field or constraints.
    """
    if not isinstance(given, dict):
        raise ContractError(f"{place}: '{level}' has to be an object, not {given!r}")
    for word in given:
        if word in _PASS[level] or _OWN_WORD.fullmatch(word):
            continue
        if instead := _REFUSED[level].get(word):
            raise ContractError(f"{place}: '{word}' is not read here: {instead}")
        raise ContractError(f"{place}: {level} has no word '{word}'{nearest(word, _PASS[level])}")


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word that is most like this one, or all of them, as the end of a message."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; it may be {', '.join(sorted(words))}"


def check_resource(resource: dict[str, Any], place: str) -> None:
    """Refuse a resource that says it is no CSV file in the workspace's folder."""
    check_words(resource, "resource", place)
    for word in ("schema", "dialect"):
        if isinstance(resource.get(word, {}), str):
            raise ContractError(
                f"{place}: '{word}' has to stand here, as an object; a file or address of it "
                f"({resource[word]}) is not read"
            )
    if resource.get("type", "table") not in ("table", "tabular"):
        raise ContractError(f"{place}: type '{resource['type']}': only tables are read ('table')")
    if resource.get("scheme", "file") not in ("", "file"):
        raise ContractError(f"{place}: 'scheme': files are read from the workspace's folder")
    if resource.get("compression") not in (None, "", "no", "none"):
        raise ContractError(f"{place}: 'compression': compressed files are not read; unpack it")
    form = str(resource.get("format", "csv")).lower().lstrip(".")
    if resource.get("data") is None and form not in _CSV_FORMATS:
        raise ContractError(f"{place}: format '{resource['format']}': {_NOT_CSV}")
    media = str(resource.get("mediatype", "text/csv")).split(";")[0].strip().lower()
    if resource.get("data") is None and media not in _CSV_TYPES:
        raise ContractError(f"{place}: mediatype '{resource['mediatype']}': {_NOT_CSV}")
    for one in taken.several(resource.get("path")):
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", str(one)):
            raise ContractError(
                f"{place}: path '{one}' is an address; files are read from the workspace's "
                "folder: download it there, and give its name"
            )


def check_dialect(dialect: dict[str, Any], place: str) -> None:
    """Refuse words of a dialect that are set to what is not how files are split here."""
    check_words(dialect, "dialect", place)
    mark = dialect.get("quoteChar", '"')
    if mark != '"':
        raise ContractError(
            f"{place}: quoteChar {mark!r}: only the double quotation mark encloses texts here"
        )
    if not taken.truth(dialect.get("doubleQuote"), "doubleQuote", place, default=True):
        raise ContractError(
            f"{place}: 'doubleQuote' false: a quotation mark within a quoted text is doubled here"
        )
    if taken.truth(dialect.get("caseSensitiveHeader"), "caseSensitiveHeader", place):
        raise ContractError(
            f"{place}: 'caseSensitiveHeader' true: headings are found whatever their case; leave "
            "it out, or say each field's 'column'"
        )
    # Spaces in front of a cell say nothing either way; in front of a quoted one they do.
    taken.truth(dialect.get("skipInitialSpace"), "skipInitialSpace", place)
    if dialect.get("lineTerminator", "\n") not in ("\n", "\r\n", "\r"):
        raise ContractError(
            f"{place}: lineTerminator {dialect['lineTerminator']!r}: lines end in CR, LF or both"
        )
    if dialect.get("type", "delimited") not in ("delimited", "csv"):
        raise ContractError(f"{place}: dialect type '{dialect['type']}': {_NOT_CSV}")


def check_schema(
    schema: dict[str, Any], key: tuple[str, ...], owners: dict[str, str], place: str
) -> None:
    """Refuse keys that the loader does not check by itself, and columns matched in another way.

    `key` is what the feed's rows are told apart by; `owners` names the feed that owns an id.
    """
    check_words(schema, "schema", place)
    given = [("primaryKey", schema["primaryKey"])] if "primaryKey" in schema else []
    given += [("uniqueKeys", one) for one in taken.several(schema.get("uniqueKeys"))]
    for word, one in given:
        names = [str(n) for n in taken.several(one)]
        # Rows that differ in the feed's own key differ in every key that holds it.
        if not key or not set(key) <= set(names):
            known = f"its rows are told apart by {', '.join(key)}" if key else "its rows have none"
            raise ContractError(
                f"{place}: {word} {', '.join(names)} is not checked for this feed: {known}. Leave "
                "it out; one field by itself can be 'unique' in its constraints"
            )
    for one in taken.several(schema.get("foreignKeys")):
        fields = [str(n) for n in taken.several(one.get("fields"))]
        others = [n for n in fields if n not in owners]
        if others:
            raise ContractError(
                f"{place}: the foreign key {', '.join(others)} is not checked; only ids are "
                f"({', '.join(owners)}). Leave it out"
            )
    match = taken.several(schema.get("fieldsMatch", "partial"))
    if [*match] != ["partial"]:
        raise ContractError(
            f"{place}: fieldsMatch '{', '.join(map(str, match))}' is not how columns are found: "
            "each field by its name, wherever it stands, and other columns are left alone; it may "
            "be 'partial', with 'required' in the constraints of fields that must be there"
        )


def check_field(given: dict[str, Any], kind: str, place: str) -> None:
    """Refuse words of a field that would change its values and are not heeded."""
    check_words(given, "field", place)
    check_words(given.get("constraints", {}), "constraints", place)
    # False lets anything stand around a number. £ and % always may; a row with another word, which
    # could be "m", is set aside until `suffixes` says what it means.
    taken.truth(given.get("bareNumber"), "bareNumber", place, default=True)
    form = given.get("format", "default")
    if kind not in ("date", "month", "period") and form not in ("default", None):
        raise ContractError(
            f"{place}: format '{form}' is not looked at for a {kind}; leave it out, or say what "
            "its texts are like with 'pattern'"
        )
    if any(isinstance(one, dict) and "label" in one for one in given.get("categories") or ()):
        raise ContractError(
            f"{place}: labels of 'categories' are not read; what a text is to be read as stands in "
            '"onesource": {"values": {"1": "Yes"}}'
        )

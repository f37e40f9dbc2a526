"""A contract's terms in words, for the table that a data officer reads."""

from dashboard.load.contract import Field, Resource
from dashboard.load.typed import EXPECTED

# Values renamed by the contract that a cell of a table can still list.
_SHOWN = 6


def found_as(f: Field) -> str:
    """Where a field is found in the file: under which headings, or in the contract itself."""
    if f.constant is not None:
        return f"always “{f.constant}”"
    if f.where is not None:
        beside = f", beside “{f.label}”" if f.label else ""
        return "the file's name" if f.where == "file name" else f"above the header{beside}"
    if f.count:
        column, wanted = f.count
        if f.days:
            kind = "working days" if f.days.working else "days"
            return (
                f"counted: rows where {f.days.end} is within {f.days.within} {kind} of "
                f"{f.days.start}"
            )
        return f"counted: rows where {column} is {', '.join(wanted)}" if column else "rows counted"
    if f.across is not None:
        return f"column headings: {', '.join(f.across)}" if f.across else "column headings"
    if f.column is not None:
        return f"column {f.column}"
    if f.join:
        return " with ".join(f.join)
    return " or ".join(f.names)


def rules(resource: Resource, f: Field) -> str:
    """What a field's values have to be, and how they are read."""
    said = [EXPECTED.get(f.kind, f.kind) + (_date_form(f) if f.kind == "date" else "")]
    if f.minimum is not None:
        said.append(f"at least {f.minimum}")
    if f.maximum is not None:
        said.append(f"at most {f.maximum}")
    if f.enum:
        said.append(f"one of {', '.join(f.enum)}")
    if f.unique:
        said.append("in no two rows the same")
    if f.pattern:
        said.append(f"of the form {f.pattern}")
    if f.suppressed:
        said.append(f"{', '.join(f.suppressed)} means withheld")
    if f.scale:
        said.append(f"multiplied by {f.scale:g}")
    if f.percent == "as_is":
        said.append("in the unit as it stands, without a sign too")
    if f.percent == "mixed":
        said.append("without a sign: up to 1 a share, beyond it a per cent")
    if f.suffixes:
        said.append(", ".join(f"{mark} means {factor:,.0f}" for mark, factor in f.suffixes))
    if f.values:
        said.append(", ".join(f"{given} is {meant}" for given, meant in f.values[:_SHOWN]))
    if f.lookup:
        said.append(f"looked up in {f.lookup[0]} by {f.lookup[1]}")
    nothing = [m for m in resource.missing if m] if f.missing is None else list(f.missing)
    if nothing and not f.required:
        said.append(f"{', '.join(nothing)} means none")
    return "; ".join(said)


def _date_form(f: Field) -> str:
    return {
        "any": ", day before month",
        "default": " such as 2018-04-30",
        "excel": " as Excel's day number",
    }.get(f.format, f" of the form {f.format}")

"""One export into rows of text, each with the line it stood on and why it is not data, if so."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.load.cases import BETWEEN
from dashboard.load.contract import Resource
from dashboard.load.layout import Layout, Pair, Part, Place, find_layout
from dashboard.load.misread import line_of_data
from dashboard.load.outside import said_outside
from dashboard.load.text import (
    DELIMITERS,
    FileRefused,
    Record,
    normalised,
    read_text,
    records,
    split_lines,
)

# A row of this shape is one of the feed: line, part, text as it stood, why it is odd, its cells.
Row = tuple[int, int, str, str | None, tuple[str | None, ...]]


@dataclass(frozen=True)
class Skipped:
    """A line that is no data: which, why, and its text as it stood."""

    line: int
    reason: str
    text: str


@dataclass
class Export:
    """A file opened under its contract. `continued` counts lines that go on with a quoted cell."""

    layout: Layout
    lines: list[str]
    encoding: str
    notes: list[str]
    continued: int = 0
    # Lines of the file that stand before `lines`.
    offset: int = 0

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def records_at(self, wanted: list[int]) -> dict[int, Record]:
        """The records that begin on these lines."""
        mark = self.layout.delimiter
        start = self.offset + 1
        return {line: next(records(self.lines, mark, line - start)) for line in wanted}


def open_export(raw: bytes, resource: Resource, name: str = "") -> Export:
    """The export whose bytes these are, its header found; `name` is that of its file.

    Raises FileRefused where it has no header, or does not say what the contract takes from its
    name or from above its header.
    """
    text = read_text(raw, resource.encoding)
    lines = split_lines(text.text)
    if resource.skips_space:
        lines = _without_spaces_before_quotes(lines, resource.delimiter)
    layout = lay_out(_without_comments(lines, resource), resource, name, lines)
    return Export(layout, lines, text.encoding, [*text.notes, *layout.notes])


def lay_out(
    lines: list[str], resource: Resource, name: str, as_they_are: list[str] | None = None
) -> Layout:
    """The layout of a file of this name, with what it says of all its rows."""
    layout = find_layout(lines, resource)
    if all(f.where is None for f in resource.fields):
        return layout
    above = (as_they_are or lines)[: layout.above]
    return replace(layout, outside=said_outside(resource, name, above, layout.delimiter))


def _without_spaces_before_quotes(lines: list[str], delimiter: str | None) -> list[str]:
    """Lines where a quotation mark stands at once behind the delimiter, or begins the line."""
    space = re.compile(rf'(^|[{re.escape(delimiter or DELIMITERS)}])[ \t]+(?=")')
    return [space.sub(r"\1", line) for line in lines]


def _without_comments(lines: list[str], resource: Resource) -> list[str]:
    """The lines, with none where the contract says that a comment stands."""
    if resource.comment is None and not resource.comment_rows:
        return lines
    return [
        "\n" if _is_comment(line, number, resource) else line
        for number, line in enumerate(lines, 1)
    ]


def _is_comment(text: str, line: int, resource: Resource) -> bool:
    said = resource.comment is not None and text.startswith(resource.comment)
    return said or line in resource.comment_rows


def read_file(path: Path) -> bytes:
    """A file's bytes. Raises FileRefused where the system will not give them."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileRefused(f"cannot be read: {error.strerror or error}") from error


def read_rows(export: Export, resource: Resource) -> Iterator[Row | Skipped]:
    """Each row below the header, in the order of the resource's fields, or why it is skipped.

    A wide file gives a row for each part of each line. Blank lines, a header that is repeated,
    and rows that the contract leaves to another resource (`only`) are skipped.
    """
    layout = export.layout
    short: list[int] = []
    constants = [f.constant for f in resource.fields]
    if layout.outside:
        constants = [
            c if said is None else said for c, said in zip(constants, layout.outside, strict=True)
        ]
    adds_up = _adding_up(layout, resource)
    whole_header = layout.header[-1] if layout.header else None
    inside, last_place = _inside(layout), layout.last_place
    chosen = not layout.only
    getters = [_getter(part, constants, resource) for part in layout.parts]
    for record in records(export.lines, layout.delimiter, layout.header_lines):
        export.continued += record.last_line - record.line
        cells, line = record.cells, record.line + export.offset
        if not any(cell.strip() for cell in cells):
            yield Skipped(line, "blank", record.text)
            continue
        # One that swallowed the lines below it, by a quotation mark, is no comment for certain.
        if record.last_line == record.line and _is_comment(record.text, line, resource):
            yield Skipped(line, "comment", record.text)
            continue
        if whole_header and _is_header_again(cells, layout):
            yield Skipped(line, "header again", record.text)
            continue
        if layout.only and any(_cell(cells, at) not in wanted for at, wanted in layout.only):
            yield Skipped(line, "belongs to another feed", record.text)
            continue
        chosen = True
        odd = _odd(record, layout.width) or adds_up(cells)
        if len(cells) <= last_place:
            short.append(line)
        if not layout.is_wide:
            yield line, 0, record.text, odd, getters[0](cells)
            continue
        filled = [_has_figure(cells, part, inside) for part in layout.parts]
        if not any(filled):
            if why := line_of_data(record, layout, resource):
                yield line, 0, record.text, why, getters[0](cells)
                yield from (Skipped(line, "no figure", record.text) for _ in layout.parts[1:])
                continue
            yield Skipped(line, "no figure in any column", record.text)
            continue
        for number in range(len(layout.parts)):
            if filled[number]:
                yield line, number, record.text, odd, getters[number](cells)
            else:
                yield Skipped(line, "no figure", record.text)
    if not chosen:
        columns = ", ".join(f"'{column}'" for column, _ in resource.only)
        export.notes.append(f"no row has what the contract chooses rows by ({columns})")
    if short:
        export.notes.append(_of_short_rows(short, export))


def _inside(layout: Layout) -> list[int]:
    """The fields, by their place in the contract, that differ from part to part."""
    columns = zip(*(part.places for part in layout.parts), strict=True)
    return [i for i, places in enumerate(columns) if len(set(places)) > 1 or len(layout.parts) == 1]


def _has_figure(cells: list[str], part: Part, inside: list[int]) -> bool:
    return any(_at(cells, part.places[i]) for i in inside)


def _of_short_rows(short: list[int], export: Export) -> str:
    cut = short[-1] == export.offset + export.line_count and not export.lines[-1].endswith("\n")
    where = ", ".join(str(line) for line in short[:5]) + (", …" if len(short) > 5 else "")
    lines = "line ends" if len(short) == 1 else "lines end"
    return (
        f"{len(short):,} {lines} before the last column (line {where}); the cells that lack were "
        "taken as empty" + ("; the file may have been cut off at its end" if cut else "")
    )


def _getter(
    part: Part, constants: list[str | None], resource: Resource
) -> Callable[[list[str]], tuple[str | None, ...]]:
    """A function that picks a row's cells, in the order of the fields."""
    fixed = [
        part.heading if field is resource.across else constant
        for field, constant in zip(resource.fields, constants, strict=True)
    ]
    places = part.places
    if any(isinstance(place, tuple) for place in places):
        return lambda cells: tuple(
            said if said is not None else _at(cells, place)
            for said, place in zip(fixed, places, strict=True)
        )
    wanted = [
        -1 if said is not None or place is None else place
        for said, place in zip(fixed, places, strict=True)
    ]
    longest = max(wanted)

    def get(cells: list[str]) -> tuple[str | None, ...]:
        if len(cells) <= longest:
            cells = cells + [""] * (longest + 1 - len(cells))
        return tuple(
            [cells[at].strip() if at >= 0 else said for at, said in zip(wanted, fixed, strict=True)]
        )

    return get


def _at(cells: list[str], place: Place) -> str | None:
    if isinstance(place, Pair):
        return BETWEEN.join(_cell(cells, at) or "" for at in place)
    if isinstance(place, tuple):
        return " ".join(filter(None, (_cell(cells, at) for at in place))) or None
    return _cell(cells, place)


def _cell(cells: list[str], at: int | None) -> str | None:
    return cells[at].strip() if at is not None and at < len(cells) else None


def _is_header_again(cells: list[str], layout: Layout) -> bool:
    first = normalised(cells[0])
    for row in layout.header:
        if first == row[0] and len(cells) == len(row) and tuple(map(normalised, cells)) == row:
            return True
    return False


def _odd(record: Record, width: int) -> str | None:
    """Why a line cannot be split into its columns with certainty, or None."""
    cells = record.cells
    if record.odd and len(cells) != width:
        return record.odd
    extra = [c for c in cells[width:] if c.strip()]
    if extra:
        return (
            f"has {len(cells)} cells where the header has {width}: a text that holds the "
            "delimiter wants quotation marks around it"
        )
    return None


def _adding_up(layout: Layout, resource: Resource):
    """A check of the contract's `adds_up` rules on one row's cells: why it fails, or None."""
    if not resource.adds_up:
        return lambda _: None
    known = {name: at for row in layout.header for at, name in reversed(list(enumerate(row)))}
    rules = [
        (total, known[normalised(total)], [known[normalised(p)] for p in parts], parts)
        for total, parts in resource.adds_up
    ]

    def check(cells: list[str]) -> str | None:
        for total, at, places, parts in rules:
            stated = plain_amount(_cell(cells, at))
            amounts = [plain_amount(_cell(cells, p)) for p in places]
            if stated is None or any(a is None for a in amounts):
                continue
            # Each part may have been rounded by half a penny.
            if abs(stated - sum(amounts)) > 0.005 * (len(amounts) + 1) + 1e-9:
                return (
                    f"{total} is {stated:,.2f} but {' + '.join(parts)} come to {sum(amounts):,.2f}"
                )
        return None

    return check


def plain_amount(text: str | None) -> float | None:
    """A number as councils write it, for comparisons; None where it is none."""
    if not text:
        return None
    body = text.replace("£", "").replace(",", "").replace(" ", "").replace("\u2212", "-")
    if body.startswith("(") and body.endswith(")"):
        body = "-" + body[1:-1]
    if body.endswith("-"):
        body = "-" + body[:-1]
    try:
        return float(body.rstrip("%"))
    except ValueError:
        return None

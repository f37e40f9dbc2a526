"""One export into rows of text, each with the line it stood on and why it is not data, if so."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from dashboard.load.cases import BETWEEN
from dashboard.load.contract import Resource
from dashboard.load.headers import header_test, next_table
from dashboard.load.layout import Layout, Pair, Part, Place, find_layout
from dashboard.load.lengths import SAMPLE, Doubtful, is_title, judge, settle
from dashboard.load.marks import as_usual, holds_rows, in_apostrophes, is_stray
from dashboard.load.misread import line_of_data
from dashboard.load.outside import said_outside
from dashboard.load.text import (
    DELIMITERS,
    FileRefused,
    Record,
    Text,
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
    # Lines on which a quoted text begins that goes on below; whether there is another header; and
    # what a total states that cannot be told from the rows it ran together with.
    multiline: list[int] = field(default_factory=list)
    has_tables: bool = False
    stated: dict[str, tuple[Decimal, int]] = field(default_factory=dict)
    # Lines that say in a column of no field that they are totals.
    labelled: list[int] = field(default_factory=list)
    # Gives the lines again after they were let go.
    again: Callable[[], list[str]] | None = None

    def __post_init__(self) -> None:
        self.line_count = len(self.lines)

    def let_go(self) -> None:
        """Forget the lines: a folder of many files is larger than memory may be."""
        if self.again is not None:
            self.lines = []

    def records_at(self, wanted: list[int]) -> dict[int, Record]:
        """The records that begin on these lines."""
        mark = self.layout.delimiter
        start = self.offset + 1
        lines = self.lines or (self.again() if self.again and wanted else [])
        return {line: next(records(lines, mark, line - start)) for line in wanted}


def open_export(
    raw: bytes,
    resource: Resource,
    name: str = "",
    again: Callable[[], bytes] | None = None,
) -> Export:
    """The export whose bytes these are, its header found; `name` is that of its file.

    `again` gives the bytes once more, so that the lines can be let go. Raises FileRefused where it
    has no header, or does not say what the contract takes from its name or from above its header.
    """
    lines, text = _lines(raw, resource)
    bare = _without_comments(lines, resource)
    layout = lay_out(bare, resource, name, lines)
    lines, notes = in_apostrophes(lines, layout.delimiter, layout.width)
    layout = settle(layout, _without_comments(lines, resource), resource)
    export = Export(layout, lines, text.encoding, [*text.notes, *notes, *layout.notes])
    if again is not None:
        mark, width = layout.delimiter, layout.header_width
        export.again = lambda: in_apostrophes(_lines(again(), resource)[0], mark, width)[0]
    return export


def _lines(raw: bytes, resource: Resource) -> tuple[list[str], Text]:
    text = read_text(raw, resource.encoding)
    lines = split_lines(text.text)
    if resource.skips_space:
        lines = _without_spaces_before_quotes(lines, resource.delimiter)
    return lines, text


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
        if not path.is_file():
            # Whoever opens a pipe waits for somebody to write into it.
            raise FileRefused("is a pipe, a device or a folder, and no file")
        return path.read_bytes()
    except OSError as error:
        raise FileRefused(f"cannot be read: {error.strerror or error}") from error


def read_rows(export: Export, resource: Resource) -> Iterator[Row | Skipped]:
    """Each row below the header, in the order of the resource's fields, or why it is skipped.

    A wide file gives a row for each part of each line. Blank lines, a header that is repeated,
    and rows that the contract leaves to another resource (`only`) are skipped. Rows of another
    length than the others, and those whose quotation marks do not pair, come after the others:
    whether they can be read is known once all were seen. A header of another form begins another
    table.
    """
    table = _Table(export, export.layout, resource)
    tables = [table]
    mark, offset = export.layout.delimiter, export.offset
    has_comments = resource.comment is not None or bool(resource.comment_rows)
    for record in records(export.lines, mark, export.layout.header_lines):
        if record.last_line > record.line:
            export.continued += record.last_line - record.line
            export.multiline.append(record.line + offset)
        cells, line = record.cells, record.line + offset
        # Most rows begin with something.
        if not (cells and cells[0].strip()) and not any(cell.strip() for cell in cells):
            yield from table.skip(Skipped(line, "blank", record.text))
            continue
        # One that swallowed the lines below it, by a quotation mark, is no comment for certain.
        is_one = has_comments and record.last_line == record.line
        if is_one and _is_comment(record.text, line, resource):
            yield from table.skip(Skipped(line, "comment", record.text))
            continue
        if table.has_header and _is_header_again(cells, table.layout):
            yield from table.skip(Skipped(line, "header again", record.text))
            continue
        is_usual = len(cells) == table.layout.width
        # Most figures end with a digit, and no heading does that stands where they are.
        is_plain = is_usual and table.figure is not None and cells[table.figure][-1:].isdigit()
        if not is_plain and table.is_header(cells):
            yield from table.rest(above_header=True)
            table = table.followed_by(record)
            tables.append(table)
            export.has_tables = True
            if table.why is None:
                yield Skipped(line, "another header", record.text)
            else:
                yield from table.rows(record)
            continue
        if (row := table.take(record)) is not None:
            yield from table.rows(row)
    yield from table.rest()
    if not any(t.chosen for t in tables):
        columns = ", ".join(f"'{column}'" for column, _ in resource.only)
        export.notes.append(f"no row has what the contract chooses rows by ({columns})")
    short = sorted(line for t in tables for line in t.short)
    is_cut = bool(short) and (
        short[-1] == offset + export.line_count and not export.lines[-1].endswith("\n")
    )
    export.notes += of_short_rows(short, is_cut)
    export.notes += _of_long_texts(export.multiline, sum(t.count for t in tables))
    export.notes += of_kept_marks(sorted(line for t in tables for line in t.kept_marks))
    export.notes += of_beginnings([line for t in tables for line in t.beginnings])


class _Table:
    """The rows below one header, and what was seen of them."""

    def __init__(
        self,
        export: Export,
        layout: Layout,
        resource: Resource,
        number: int = 0,
        why: str | None = None,
    ) -> None:
        self.export, self.layout, self.resource = export, layout, resource
        self.number, self.why = number, why
        self.has_header = bool(layout.header)
        self.figure: int | None = None
        self.is_header: Callable[[list[str]], bool] = lambda cells: False
        if self.has_header:
            self.figure, self.is_header = header_test(layout, resource)
        self.chosen = not layout.only
        self.count = self.last = 0
        self.short: list[int] = []
        self.kept_marks: list[int] = []
        self.beginnings: list[int] = []
        self._sample: list[list[str]] = []
        self._doubtful: list[Doubtful] = []
        # A row waits for the one below it, which may be what was broken off it.
        self._held: Record | None = None
        self._begins_anew = True
        outside = layout.outside or [None] * len(resource.fields)
        constants = [
            f.constant if said is None else said
            for f, said in zip(resource.fields, outside, strict=True)
        ]
        self._adds_up = _adding_up(layout, resource)
        self._inside, self._last_place = _inside(layout), layout.last_place
        self._getters = [_getter(part, constants, resource) for part in layout.parts]
        self._is_simple = why is None and not (layout.only or layout.is_wide or resource.adds_up)

    def followed_by(self, record: Record) -> "_Table":
        """The table below another header."""
        export, first = self.export, self.export.layout
        layout, said = next_table(record, self.layout, first, export.lines, self.resource)
        line = record.line + export.offset
        if layout is None:
            why = f"another header stands above it, on line {line}: {said}"
            return _Table(export, first, self.resource, self.number + 1, why)
        export.notes.append(
            f"line {line} is another header; the rows below it were read by it{said}"
        )
        return _Table(export, layout, self.resource, self.number + 1)

    def skip(self, skipped: Skipped) -> Iterator[Row | Skipped]:
        """A line that is no row; nothing below it can be the rest of the row above."""
        above, self._held = self._held, None
        if above is not None and not self._waits(above):
            yield from self.rows(above)
        self._begins_anew = True
        yield skipped

    def take(self, record: Record) -> Record | None:
        """A row of which is certain by now what it is: mostly the one above the one given."""
        self.count += 1
        if self.why is not None:
            return record
        above, self._held = self._held, None
        begins_anew, self._begins_anew = self._begins_anew, False
        cells = record.cells
        is_usual = len(cells) == self.layout.width and record.odd is None
        if is_usual and '"' in record.text:
            is_usual = not self._is_stray(record) and not (
                record.last_line > record.line
                and holds_rows(record, self.layout.delimiter, self.layout.width)
            )
        if is_usual:
            self.last = self.count
            if self.count <= SAMPLE:
                self._sample.append(cells)
            if self._doubtful and not begins_anew and self._doubtful[-1].nth == self.count - 1:
                self._doubtful[-1].below = record
            self._held = record
            return None if above is None or self._waits(above) else above
        self._doubtful.append(Doubtful(record, above, self.count))
        return None

    def _waits(self, record: Record) -> bool:
        """True of the row below a doubtful one, which waits for the verdict on that."""
        return bool(self._doubtful) and self._doubtful[-1].below is record

    def _is_stray(self, record: Record) -> bool:
        return is_stray(record.text, record.cells, self.layout.delimiter)

    def rest(self, above_header: bool = False) -> Iterator[Row | Skipped]:
        """The rows that waited for the others."""
        held, self._held = self._held, None
        doubtful, self._doubtful = self._doubtful, []
        read: list[Record] = []
        if doubtful:
            doubtful, read = self._as_usual(doubtful)
            judge(doubtful, self._sample, self.count, self.last, self.layout, self.resource)
        beside = [held, *(one for d in doubtful for one in (d.above, d.below))]
        waiting = {one.line: one for one in beside if one is not None} | {
            one.line: one for one in read
        }
        cut = {d.above.line: d.cut_above for d in doubtful if d.above and d.cut_above}
        cut |= {d.below.line: d.cut_below for d in doubtful if d.below and d.cut_below}
        for record in waiting.values():
            yield from self.rows(record, cut.get(record.line))
        offset = self.export.offset
        for d in doubtful:
            line, cells = d.record.line + offset, d.record.cells
            if above_header and d.nth > self.last and is_title(cells):
                yield Skipped(line, "title", d.record.text)
                continue
            if d.odd is None and self._is_stray(d.record):
                self.kept_marks.append(line)
            if d.begins_below:
                self.beginnings.append(line)
            if d.stated:
                self.export.stated |= {name: (a, line) for name, a in d.stated.items()}
            yield from self.rows(d.record, d.odd)

    def _as_usual(self, doubtful: list[Doubtful]) -> tuple[list[Doubtful], list[Record]]:
        """Those that stay doubtful, and those that are right once their marks are written as usual;
        a note says so."""
        mark, offset = self.layout.delimiter, self.export.offset
        lines = [
            (d.record.line + offset, d.record.text)
            for d in doubtful
            if d.record.line == d.record.last_line
        ]
        anew, notes = as_usual(lines, mark, self.layout.width)
        self.export.notes += notes
        left, read = [], []
        for d in doubtful:
            text = anew.get(d.record.line + offset)
            if text is None:
                left.append(d)
            else:
                cells = next(records([text], mark)).cells
                read.append(Record(d.record.line, d.record.line, d.record.text, cells))
                # What stands beside it waits no longer for a verdict on it, but is still to come.
                read += [one for one in (d.above, d.below) if one is not None]
        return left, list({one.line: one for one in read}.values())

    def rows(self, record: Record, odd: str | None = None) -> Iterable[Row | Skipped]:
        """The rows of the feed that a line makes."""
        if self._is_simple and odd is None and len(record.cells) > self._last_place:
            line = record.line + self.export.offset
            return ((line, 0, record.text, None, self._getters[0](record.cells)),)
        return self._rows(record, odd or self.why)

    def _rows(self, record: Record, odd: str | None) -> Iterator[Row | Skipped]:
        layout, cells, line = self.layout, record.cells, record.line + self.export.offset
        others = (at for at, wanted in layout.only if _cell(cells, at) not in wanted)
        if odd is None and next(others, None) is not None:
            yield Skipped(line, "belongs to another feed", record.text)
            return
        self.chosen = True
        odd = odd or self._adds_up(cells)
        if len(cells) <= self._last_place and odd is None:
            self.short.append(line)
        if not layout.is_wide:
            yield line, 0, record.text, odd, self._getters[0](cells)
            return
        filled = [_has_figure(cells, part, self._inside) for part in layout.parts]
        if not any(filled):
            if why := odd or line_of_data(record, layout, self.resource):
                yield line, 0, record.text, why, self._getters[0](cells)
                yield from (
                    Skipped(line, "no figure", record.text) for _ in self.export.layout.parts[1:]
                )
                return
            yield Skipped(line, "no figure in any column", record.text)
            return
        for number in range(len(self.export.layout.parts)):
            if number < len(filled) and filled[number]:
                yield line, number, record.text, odd, self._getters[number](cells)
            else:
                yield Skipped(line, "no figure", record.text)


# Texts over several lines are worth a word where they are rare.
_RARE_SHARE = 0.2


def _of_long_texts(begun: list[int], rows: int) -> list[str]:
    if not begun or len(begun) > _RARE_SHARE * rows:
        return []
    texts = "1 quoted text goes" if len(begun) == 1 else f"{len(begun):,} quoted texts go"
    return [f"{texts} over several lines (line {_few(begun)})"]


def of_kept_marks(kept: list[int]) -> list[str]:
    """A note of quotation marks that stand within unquoted texts, on these lines."""
    if not kept:
        return []
    lines = "1 line has a quotation mark" if len(kept) == 1 else f"{len(kept):,} lines have one"
    return [f"{lines} within an unquoted text (line {_few(kept)}), left as it stands"]


def of_beginnings(lines: list[int]) -> list[str]:
    """A note of each line that may be the beginning of the row below it."""
    return [
        f"line {line} holds one cell and may be the beginning of line {line + 1}" for line in lines
    ]


def _few(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")


def _inside(layout: Layout) -> list[int]:
    """The fields, by their place in the contract, that differ from part to part."""
    columns = zip(*(part.places for part in layout.parts), strict=True)
    return [i for i, places in enumerate(columns) if len(set(places)) > 1 or len(layout.parts) == 1]


def _has_figure(cells: list[str], part: Part, inside: list[int]) -> bool:
    return any(_at(cells, part.places[i]) for i in inside)


def of_short_rows(short: list[int], is_cut: bool = False) -> list[str]:
    """A note of rows that lack cells and were read, on these lines."""
    if not short:
        return []
    lines = "line ends" if len(short) == 1 else "lines end"
    return [
        f"{len(short):,} {lines} before the last column (line {_few(short)}); the cells that lack "
        "were taken as empty" + ("; the file may have been cut off at its end" if is_cut else "")
    ]


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

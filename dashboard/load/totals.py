"""Rows that are no data although they stand among it: totals, subtotals, and notes below.

Rows are looked at that lack something every row of data has, or that read as a total in whatever
column. Such a row is a total where its words settle it, or where its figures are the sum of others
(`evidence`). One that reads as a total where a name may stand, and is no sum, is set aside, unless
so many lines bear it that it is a name. Everything else that is wrong stays a row of data, to be
set aside with its reason. What a total states is kept, to reconcile the file with itself.
"""

import re
from collections import Counter
from decimal import Decimal
from typing import Protocol

import duckdb

from dashboard.load import beside, evidence, last_rows, wording, worked_out
from dashboard.load.account import FileAccount
from dashboard.load.contract import Resource
from dashboard.load.evidence import Block, Candidate, Verdict
from dashboard.load.feeds import ADDITIVE, FREE_TEXT
from dashboard.load.labels import LABELS, as_label
from dashboard.load.layout import Layout, Place
from dashboard.load.misread import line_of_data
from dashboard.load.sql import name_sql
from dashboard.load.staging import insert
from dashboard.load.text import Record
from dashboard.load.wording import Column, Wording

# Looks like a total, but a supplier can be called so (Total Gas & Power): the sum has to agree.
_LIKE_A_TOTAL = re.compile(r"(?:grand |sub[ -]?)?totals?\b.*|.*\b(?:sub[ -]?)?totals?[ :.]*", re.I)

_NOTE = re.compile(
    r"\W*(?:notes?\b|source|n\.?b\.?\b|footnote|key\b|caveat|disclaimer|copyright|©|contact|"
    r"produced|prepared|printed|published|extracted|generated|run (?:on|by|date)|"
    r"report (?:run|date)|end of|page \d|this (?:report|data|file)|figures|"
    r"data (?:is|are|as)|please|for more|see |\*|†|‡|\(\d\)|\[\d\]|\d[.)] )",
    re.IGNORECASE,
)

_HALF_A_PENNY = Decimal("0.005")

# Rows of groups are looked for only where few candidates are left: it takes the rows again.
_GROUPS = 200

# Rows of a file that can be labelled in a column of no field.
_LABELLED_AT_MOST = 1_000

# Beyond this many candidates in a file the rows between them are told by a window, not by cases.
_CASES = 100


class Source(Protocol):
    """A file that was opened: how it is laid out, and the records that begin on given lines.

    `stated` is what a total says that ran together with rows: field to the amount and its line.
    `labelled` are lines that say in a column of no field that they are totals.
    """

    layout: Layout
    stated: dict[str, tuple[Decimal, int]]
    labelled: list[int]

    def records_at(self, lines: list[int]) -> dict[int, Record]: ...


# What files state: (file_id, field) to the amount and its line.
Stated = dict[tuple[int, str], tuple[Decimal, int]]

# Rows of a file that were read before and are no longer in the table `typed`: how many there are,
# and what they come to by field.
Carried = dict[int, tuple[int, dict[str, Decimal]]]

# Rows set aside because they read as totals and are none: where they stand, and the problem.
Doubtful = tuple[int, int, int, str, str, str, str, str]


def judge(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    accounts: dict[int, FileAccount],
    sources: dict[int, Source],
    carried: Carried,
) -> tuple[list[tuple[int, int, str, str]], Stated, list[Doubtful]]:
    """Which rows of the table `typed` are totals or notes, what files state, and what is doubtful.

    Answers (file_id, line, reason, text) for each that is skipped; counts them in the accounts.
    """
    fields = _figure_fields(resource)
    columns = wording.columns(resource)
    doubtful: list[Doubtful] = []
    skipped: list[tuple[int, int, str, str]] = []
    stated: Stated = {}
    summed = last_rows.flag(con, resource, fields, sources)
    if columns:
        _flag_labelled(con, sources)
    for file_id, candidates in _candidates(con, fields).items():
        account, source = accounts[file_id], sources[file_id]
        records = source.records_at([c.line for c in candidates])
        for candidate in candidates:
            _read(candidate, records.get(candidate.line), columns, source.layout, resource)
        data = _judge_figures(con, resource, fields, file_id, candidates, carried.get(file_id))
        total_lines = _totals(resource, file_id, candidates, account, stated)
        doubtful += _doubtful(con, resource, file_id, candidates, data, account)
        misread = {
            c.line: why
            for c in candidates
            if c.record and not c.figures and c.line not in total_lines
            if (why := line_of_data(c.record, source.layout, resource))
        }
        notes = _notes(con, file_id, candidates, {*total_lines, *misread}, source.layout.width)
        _mark_as_odd(con, file_id, misread)
        for candidate in candidates:
            if candidate.line not in total_lines and candidate.line not in notes:
                continue
            reason = total_lines.get(candidate.line) or _no_words(candidate)
            text = candidate.record.text if candidate.record else ""
            skipped.append((file_id, candidate.line, reason, text))
            account.skipped[reason] = account.skipped.get(reason, 0) + 1
            if account.parts > 1:
                # Counted once for each part of a wide file so far; it is one line.
                in_typed = con.execute(
                    "select count(*) from typed where file_id = ? and line = ?",
                    [file_id, candidate.line],
                ).fetchall()[0][0]
                account.read -= account.parts - 1
                if without := account.parts - in_typed:
                    account.skipped["no figure"] = account.skipped.get("no figure", 0) - without
            account.skipped_lines += 1
    for one in summed:
        # Rows that were kept before are not among those that were added up.
        if not carried.get(one.file_id, (0, {}))[0]:
            doubtful += one.problems
            accounts[one.file_id].notes += [one.note] if one.note else []
    return skipped, stated, doubtful


def _figure_fields(resource: Resource) -> list[str]:
    given = [f.name for f in resource.fields if f.is_number and f.constant is None and not f.count]
    additive = [name for name in given if name in ADDITIVE.get(resource.feed, ())]
    return additive or [name for name in given if name in ("value", "figure")]


def _candidates(con: duckdb.DuckDBPyConnection, fields: list[str]) -> dict[int, list[Candidate]]:
    figures = "".join(f", {name_sql(f)}" for f in fields)
    found: dict[int, dict[int, Candidate]] = {}
    for file_id, line, part, labelled, lacking, odd, *values in con.execute(
        f"select file_id, line, part, is_labelled, is_lacking, odd is not null{figures} from typed "
        "where is_candidate order by file_id, line, part"
    ).fetchall():
        by_line = found.setdefault(file_id, {})
        one = by_line.setdefault(line, Candidate(line, labelled, lacking, odd))
        one.figures |= {
            (part, f): _exact(v) for f, v in zip(fields, values, strict=True) if v is not None
        }
    return {file_id: list(by_line.values()) for file_id, by_line in found.items()}


def _exact(value: Decimal | float | int) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _read(
    candidate: Candidate,
    record: Record | None,
    columns: list[Column],
    layout: Layout,
    resource: Resource,
) -> None:
    """Take in what a candidate's cells say."""
    candidate.record = record
    if record is None:
        return
    cells = record.cells
    candidate.label = next((c for c in map(as_label, cells) if c in LABELS), None)
    candidate.looks_like_one = any(_LIKE_A_TOTAL.fullmatch(c.strip()) for c in cells)
    if candidate.is_odd or candidate.is_labelled or candidate.is_lacking:
        return
    for column in columns:
        text = _cell(cells, layout.parts[0].places[column.at])
        reading = column.reads_as(text)
        if reading and reading > (candidate.reading or 0):
            candidate.reading, candidate.column, candidate.text = reading, column, text
    if candidate.reading is None and (column := beside.label(cells, layout, resource)):
        candidate.text = cells[column.at].strip()
        candidate.reading, candidate.column = column.reads_as(candidate.text), column
    if candidate.reading is None:
        # A label in a column that is none of the contract's says nothing of a whole row.
        candidate.label, candidate.looks_like_one = None, False


def _flag_labelled(con: duckdb.DuckDBPyConnection, sources: dict[int, Source]) -> None:
    """Make candidates of rows that say in a column of no field that they are totals."""
    for file_id, source in sources.items():
        # A column that says so of very many rows says something else.
        if 0 < len(source.labelled) <= _LABELLED_AT_MOST:
            con.execute(
                f"update typed set is_candidate = true where file_id = {file_id} "
                f"and line in ({', '.join(map(str, source.labelled))})"
            )


def _cell(cells: list[str], place: Place) -> str:
    places = place if isinstance(place, tuple) else (place,)
    return " ".join(cells[at].strip() for at in places if at is not None and at < len(cells))


def _judge_figures(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    file_id: int,
    candidates: list[Candidate],
    carried: tuple[int, dict[str, Decimal]] | None,
) -> Block:
    """The verdicts of one file's candidates; answers what its rows of data come to."""
    names = Counter(c.text.lower() for c in candidates if c.reading)
    for one in candidates:
        is_weak = one.reading in (Wording.NAME_FIRST, Wording.NAME_LAST)
        if is_weak and names[one.text.lower()] > wording.REPEATED:
            one.reading = None
    lines = [c.line for c in candidates if c.figures]
    between = _sums_between(con, fields, file_id, lines) if lines else {}
    before = Block()
    if carried:
        before.add({(0, name): amount for name, amount in carried[1].items()}, carried[0])
    return evidence.judge(
        candidates,
        between,
        before,
        lambda left: _sums_of_groups(con, resource, fields, file_id, left, lines),
    )


def _totals(
    resource: Resource,
    file_id: int,
    candidates: list[Candidate],
    account: FileAccount,
    stated: Stated,
) -> dict[int, str]:
    """The candidates that are totals, with the reason by which they are skipped."""
    found: dict[int, str] = {}
    money = {f.name for f in resource.fields if f.kind == "money"}
    unmatched: list[Candidate] = []
    for one in candidates:
        if not one.figures:
            if one.is_exact:
                found[one.line] = "total"
            continue
        if one.verdict not in (Verdict.TOTAL, Verdict.SUBTOTAL):
            continue
        found[one.line] = one.verdict.value
        if one.is_whole:
            _state(file_id, one, stated)
        elif not one.is_sum and one.verdict is Verdict.TOTAL:
            unmatched.append(one)
        elif not one.is_sum:
            _note_subtotal(one, account, money)
    _note_unmatched(file_id, unmatched, account, stated)
    return found


def _doubtful(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    file_id: int,
    candidates: list[Candidate],
    data: Block,
    account: FileAccount,
) -> list[Doubtful]:
    """The rows that read as totals and are no sums; of names that only look so, a note."""
    found: list[Doubtful] = []
    for one in candidates:
        if one.verdict is not Verdict.DOUBTFUL or one.column is None or one.record is None:
            continue
        parts = con.execute(
            "select part from typed where file_id = ? and line = ?", [file_id, one.line]
        ).fetchall()
        row = (one.record.text, one.column.field, one.text)
        is_sum = one.reading is not Wording.WORKED_OUT
        expected = "a row of data, or the sum of rows" if is_sum else "a row of data"
        why = _why_doubtful(one, data) if is_sum else _why_worked_out(one, data)
        found += [(file_id, one.line, part, *row, expected, why) for (part,) in parts]
    names = Counter(
        c.text
        for c in candidates
        if c.reading is Wording.WORD and c.figures and c.verdict is Verdict.DATA
    )
    often = Counter(
        c.text
        for c in candidates
        if c.reading is Wording.WORKED_OUT and c.figures and c.verdict is Verdict.DATA
    )
    account.notes += [
        f"'{text}' reads as {worked_out.reads_as(as_label(text))} on {_lines(rows)}: loaded as a "
        f'name (if they are no data, the contract\'s totals say so: ["{text}"])'
        for text, rows in often.items()
    ]
    account.notes += [
        f"'{text}' reads as a total but is no sum on the {_lines(rows)} where it stands: loaded as "
        f'a name (if they are totals, the contract\'s totals say so: ["{text}"])'
        for text, rows in names.items()
    ]
    return found


def _lines(count: int) -> str:
    return "line" if count == 1 else f"{count:,} lines"


def _why_doubtful(one: Candidate, data: Block) -> str:
    name = next(name for _, name in one.figures)
    states, come_to = (
        sum((a for (_, f), a in figures.items() if f == name), Decimal(0))
        for figures in (one.figures, data.sums)
    )
    said = (
        f"reads as a total, but states {states:,.2f} where the rows of the file come to "
        f"{come_to:,.2f}"
    )
    if one.left_out_by is not None:
        said += f", and the total of line {one.left_out_by} does not count it"
    if not one.column or not one.column.is_named:
        return f'{said}; if it is a total, the contract\'s totals say so (["{one.text}"])'
    return (
        f'{said}; if it is a name, the contract\'s values say so ({{"{one.text}": "…"}}), and if '
        f'it is a total, its totals do (["{one.text}"])'
    )


def _why_worked_out(one: Candidate, data: Block) -> str:
    (_, name), states = next(iter(one.figures.items()))
    come_to = sum((a for (_, f), a in data.sums.items() if f == name), Decimal(0))
    said = f"reads as {worked_out.reads_as(as_label(one.text))}, and not as a row of its own"
    if data.rows > 1 and abs(states - come_to / data.rows) <= _HALF_A_PENNY:
        said += f": it states {states:,.2f}, the mean of the {data.rows:,} rows of data"
    elif states == data.rows:
        said += f": it states {states:,.0f}, and the rows of data are as many"
    return (
        f'{said}; if it is a name, the contract\'s values say so ({{"{one.text}": '
        f'"{one.text}"}}), and if it is to be skipped, its totals do (["{one.text}"])'
    )


def _sums_of_groups(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    file_id: int,
    left: list[Candidate],
    marks: list[int],
) -> dict[int, Block]:
    """What the rows of data come to that agree with each candidate in all that it says beside its
    label: the total of a council's services stands beside that council."""
    if len(left) > _GROUPS:
        return {}
    said = [
        f.name
        for f in resource.fields
        if f.kind in ("text", "period", "date") and f.is_in_file and f.name not in FREE_TEXT
    ]
    found: dict[int, Block] = {}
    sums = "".join(f", sum(d.{name_sql(f)})" for f in fields)
    listed = ", ".join(map(str, marks))
    for labelled in dict.fromkeys(c.column.field if c.column else None for c in left):
        lines = [c.line for c in left if (c.column.field if c.column else None) == labelled]
        alike = "".join(
            f" and (c.{name_sql(n)} is null or c.{name_sql(n)} = d.{name_sql(n)})"
            for n in said
            if n != labelled
        )
        for line, part, rows, *values in con.execute(
            f"select c.line, c.part, count(*){sums} from typed as c join typed as d on "
            f"d.file_id = c.file_id and d.part = c.part and d.line not in ({listed}){alike} "
            f"where c.file_id = ? and c.line in ({', '.join(map(str, lines))}) group by all",
            [file_id],
        ).fetchall():
            amounts = {
                (part, f): _exact(v) for f, v in zip(fields, values, strict=True) if v is not None
            }
            found.setdefault(line, Block()).add(amounts, rows)
    return found


def _sums_between(
    con: duckdb.DuckDBPyConnection, fields: list[str], file_id: int, lines: list[int]
) -> dict[int, Block]:
    """What the rows of data come to that stand before each of these lines and after the last."""
    if len(lines) <= _CASES:
        cases = " ".join(f"when line < {line} then {nth}" for nth, line in enumerate(lines))
        bucket = f"case {cases} else {len(lines)} end"
    else:
        bucket = (
            "count(*) filter (is_mark) over (order by line, part rows between unbounded preceding "
            "and current row)"
        )
    sums = "".join(f", sum({name_sql(f)})" for f in fields)
    listed = ", ".join(map(str, lines))
    found: dict[int, Block] = {}
    for nth, part, rows, *values in con.execute(
        f"with marked as (select *, line in ({listed}) as is_mark from typed where file_id = ?), "
        f"placed as (select *, {bucket} as bucket from marked) "
        f"select bucket, part, count(*){sums} from placed where not is_mark group by bucket, part",
        [file_id],
    ).fetchall():
        block = found.setdefault(nth, Block())
        amounts = {
            (part, f): _exact(v) for f, v in zip(fields, values, strict=True) if v is not None
        }
        block.add(amounts, rows)
    return found


def _state(file_id: int, candidate: Candidate, stated: Stated) -> None:
    for name in dict.fromkeys(name for _, name in candidate.figures):
        amount = sum((a for (_, f), a in candidate.figures.items() if f == name), Decimal(0))
        stated[(file_id, name)] = (amount, candidate.line)


def _note_subtotal(one: Candidate, account: FileAccount, money: set[str]) -> None:
    for name in dict.fromkeys(name for _, name in one.figures if name in money):
        amount = sum(a for (_, f), a in one.figures.items() if f == name)
        counted = sum(a for (_, f), a in one.above.items() if f == name)
        account.notes.append(
            f"line {one.line}: the subtotal states {amount:,.2f}; the rows above it come "
            f"to {counted:,.2f}"
        )


def _note_unmatched(
    file_id: int, unmatched: list[Candidate], account: FileAccount, stated: Stated
) -> None:
    """Totals that are no sum of the rows: one by itself is the file's own, and differs from it;
    several are of groups of rows, and which is of which cannot be told."""
    if any(of == file_id for of, _ in stated):
        return
    grand = [c for c in unmatched if (c.label or "").startswith(("grand", "overall"))]
    whole = grand if len(grand) == 1 else unmatched
    if len(whole) == 1:
        _state(file_id, whole[0], stated)
    elif whole:
        account.notes.append(
            f"{len(whole):,} rows are labelled as totals and none is the sum of the rows; they "
            "were skipped, and cannot be set beside the rows they sum up"
        )


def _notes(
    con: duckdb.DuckDBPyConnection,
    file_id: int,
    candidates: list[Candidate],
    known: set[int],
    width: int,
) -> set[int]:
    """The lines below the last row of data that are words and not figures.

    `known` are lines that were told to be something else.
    """
    last = con.execute(
        "select coalesce(max(line), 0) from typed where file_id = ? and not is_candidate", [file_id]
    ).fetchall()[0][0]
    notes: set[int] = set()
    for candidate in reversed(candidates):
        if candidate.line <= last:
            break
        if candidate.line in known:
            continue
        if not _is_note(candidate, width):
            break
        notes.add(candidate.line)
    return notes


def _mark_as_odd(con: duckdb.DuckDBPyConnection, file_id: int, misread: dict[int, str]) -> None:
    """Say of lines of data that were split wrongly why, which is then all that is said of them."""
    if misread:
        con.execute("create or replace temp table misread (line integer, why varchar)")
        insert(con, "misread", list(misread.items()))
        con.execute(
            "update typed set odd = m.why from misread as m "
            f"where typed.file_id = {file_id} and typed.line = m.line"
        )


def _no_words(candidate: Candidate) -> str:
    """A line that holds its own number and nothing else is as good as blank."""
    cells = candidate.record.cells if candidate.record else []
    return "note" if any(c.isalpha() for cell in cells for c in cell) else "blank"


def _is_note(candidate: Candidate, width: int) -> bool:
    if candidate.figures or candidate.record is None:
        return False
    filled = [c.strip() for c in candidate.record.cells if c.strip()]
    begins_as_one = bool(filled) and bool(_NOTE.match(filled[0]))
    return begins_as_one or (not candidate.is_odd and len(filled) < max(2, width / 2))

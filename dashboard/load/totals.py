"""Rows that are no data although they stand among it: totals, subtotals, and notes below.

Only rows that lack something every row of data has, or that say "total", are looked at. Such a
row is a total where it is labelled as one, or where its figures equal the sum of the rows above
it, from the start or from an earlier total on. Everything else that is wrong stays a row of data,
to be set aside with its reason. What a total states is kept, to reconcile the file with itself.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import duckdb

from dashboard.load.account import FileAccount
from dashboard.load.contract import Resource
from dashboard.load.feeds import ADDITIVE
from dashboard.load.layout import Layout
from dashboard.load.misread import line_of_data
from dashboard.load.sql import name_sql
from dashboard.load.staging import insert
from dashboard.load.text import Record

# What a cell says, in small letters and without a colon, that makes its row a total by itself.
LABELS = (
    *("total", "totals", "grand total", "grand totals", "overall total"),
    *("sub total", "sub-total", "subtotal", "sub totals", "sub-totals", "subtotals"),
    *("total amount", "total (£)", "total £", "total value", "total net", "net total"),
    *("total gross", "gross total", "total spend", "total expenditure", "total payments"),
    *("report total", "page total", "sheet total", "total for month", "total for the month"),
    *("month total", "monthly total", "year total", "annual total", "all services total"),
)

# Looks like a total, but a supplier can be called so (Total Gas & Power): the sum has to agree.
_LIKE_A_TOTAL = re.compile(r"(?:grand |sub[ -]?)?totals?\b.*|.*\b(?:sub[ -]?)?totals?[ :.]*", re.I)

_NOTE = re.compile(
    r"\W*(?:notes?\b|source|n\.?b\.?\b|footnote|key\b|caveat|disclaimer|copyright|©|contact|"
    r"produced|prepared|printed|published|extracted|generated|run (?:on|by|date)|"
    r"report (?:run|date)|end of|page \d|this (?:report|data|file)|figures|"
    r"data (?:is|are|as)|please|for more|see |\*|†|‡|\(\d\)|\[\d\]|\d[.)] )",
    re.IGNORECASE,
)

# A pound in the sums of published tables is often rounded by a penny.
_PENNY = Decimal("0.01")

# Beyond this many candidates in a file the rows between them are told by a window, not by cases.
_CASES = 100


def as_label(text: str) -> str:
    """A text as it is compared with labels: small letters, no colon behind."""
    return text.strip().lower().rstrip(" :.")


class Source(Protocol):
    """A file that was opened: how it is laid out, and the records that begin on given lines."""

    layout: Layout

    def records_at(self, lines: list[int]) -> dict[int, Record]: ...


# What files state: (file_id, field) to the amount and its line.
Stated = dict[tuple[int, str], tuple[Decimal, int]]

# Rows of a file that were read before and are no longer in the table `typed`: how many there are,
# and what they come to by field.
Carried = dict[int, tuple[int, dict[str, Decimal]]]

# A figure of a row: which part of a wide file, which field.
_Key = tuple[int, str]


@dataclass
class _Candidate:
    line: int
    is_labelled: bool
    is_lacking: bool
    is_odd: bool
    figures: dict[_Key, Decimal] = field(default_factory=dict)
    record: Record | None = None

    @property
    def label(self) -> str | None:
        """The exact label of a total that this row bears, where it bears one."""
        if self.record is None:
            return None
        return next((c for c in map(as_label, self.record.cells) if c in LABELS), None)


@dataclass
class _Block:
    """Rows of data between two candidates: how many, and what they come to."""

    rows: int = 0
    sums: dict[_Key, Decimal] = field(default_factory=dict)

    def add(self, figures: dict[_Key, Decimal], rows: int) -> None:
        self.rows += rows
        for key, amount in figures.items():
            self.sums[key] = self.sums.get(key, Decimal(0)) + amount


def judge(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    accounts: dict[int, FileAccount],
    sources: dict[int, Source],
    carried: Carried,
) -> tuple[list[tuple[int, int, str, str]], Stated]:
    """Which rows of the table `typed` are totals or notes, and what the files state.

    Answers (file_id, line, reason, text) for each that is skipped; counts them in the accounts.
    """
    fields = _figure_fields(resource)
    skipped: list[tuple[int, int, str, str]] = []
    stated: Stated = {}
    for file_id, candidates in _candidates(con, fields).items():
        account, source = accounts[file_id], sources[file_id]
        records = source.records_at([c.line for c in candidates])
        for candidate in candidates:
            candidate.record = records.get(candidate.line)
        total_lines = _totals(
            con, resource, fields, file_id, candidates, account, stated, carried.get(file_id)
        )
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
                without = account.parts - in_typed
                account.skipped["no figure"] = account.skipped.get("no figure", 0) - without
            account.skipped_lines += 1
    return skipped, stated


def _figure_fields(resource: Resource) -> list[str]:
    given = [f.name for f in resource.fields if f.is_number and f.constant is None and not f.count]
    additive = [name for name in given if name in ADDITIVE.get(resource.feed, ())]
    return additive or [name for name in given if name in ("value", "figure")]


def _candidates(con: duckdb.DuckDBPyConnection, fields: list[str]) -> dict[int, list[_Candidate]]:
    figures = "".join(f", {name_sql(f)}" for f in fields)
    found: dict[int, dict[int, _Candidate]] = {}
    for file_id, line, part, labelled, lacking, odd, *values in con.execute(
        f"select file_id, line, part, is_labelled, is_lacking, odd is not null{figures} from typed "
        "where is_candidate order by file_id, line, part"
    ).fetchall():
        by_line = found.setdefault(file_id, {})
        one = by_line.setdefault(line, _Candidate(line, labelled, lacking, odd))
        one.figures |= {
            (part, f): _exact(v) for f, v in zip(fields, values, strict=True) if v is not None
        }
    return {file_id: list(by_line.values()) for file_id, by_line in found.items()}


def _exact(value: Decimal | float | int) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _totals(
    con: duckdb.DuckDBPyConnection,
    resource: Resource,
    fields: list[str],
    file_id: int,
    candidates: list[_Candidate],
    account: FileAccount,
    stated: Stated,
    carried: tuple[int, dict[str, Decimal]] | None,
) -> dict[int, str]:
    """The candidates that are totals, with the reason by which they are skipped."""
    found: dict[int, str] = {}
    money = {f.name for f in resource.fields if f.kind == "money"}
    marks = [c for c in candidates if c.figures]
    between = _sums_between(con, fields, file_id, [c.line for c in marks]) if marks else {}
    blocks = [_Block()]
    if carried:
        blocks[0].add({(0, name): amount for name, amount in carried[1].items()}, carried[0])
    nth = -1
    unmatched: list[_Candidate] = []
    for candidate in candidates:
        exact = (candidate.is_labelled and not candidate.is_odd) or (
            candidate.is_lacking and candidate.label is not None
        )
        if not candidate.figures:
            if exact:
                found[candidate.line] = "total"
            continue
        nth += 1
        rows = between.get(nth, _Block())
        blocks[-1].add(rows.sums, rows.rows)
        # A line that cannot be split has no figures to trust.
        start = None if candidate.is_odd else _sum_from(blocks, candidate)
        if start is None and not exact:
            blocks[-1].add(candidate.figures, 1)
            continue
        is_sub = (start is not None and start > 0) or "sub" in (candidate.label or "")
        found[candidate.line] = "subtotal" if is_sub else "total"
        if start == 0 and not is_sub:
            _state(file_id, candidate, stated)
        elif start is None and not is_sub:
            unmatched.append(candidate)
        elif start is None:
            _note_subtotal(candidate, blocks, account, money)
        blocks.append(_Block())
    _note_unmatched(file_id, unmatched, account, stated)
    return found


def _sums_between(
    con: duckdb.DuckDBPyConnection, fields: list[str], file_id: int, lines: list[int]
) -> dict[int, _Block]:
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
    found: dict[int, _Block] = {}
    for nth, part, rows, *values in con.execute(
        f"with marked as (select *, line in ({listed}) as is_mark from typed where file_id = ?), "
        f"placed as (select *, {bucket} as bucket from marked) "
        f"select bucket, part, count(*){sums} from placed where not is_mark group by bucket, part",
        [file_id],
    ).fetchall():
        block = found.setdefault(nth, _Block())
        amounts = {
            (part, f): _exact(v) for f, v in zip(fields, values, strict=True) if v is not None
        }
        block.add(amounts, rows)
    return found


def _sum_from(blocks: list[_Block], candidate: _Candidate) -> int | None:
    """The first block whose sum, with those that follow it, is what the candidate states.

    One row is no sum: a row that repeats the one above it must not pass for its total, unless it
    says that it is one.
    """
    says_so = candidate.is_labelled or candidate.label is not None or _looks_like_one(candidate)
    for start in range(len(blocks)):
        whole = _Block()
        for block in blocks[start:]:
            whole.add(block.sums, block.rows)
        enough = whole.rows >= (1 if says_so else 2) and any(candidate.figures.values())
        if enough and all(
            abs(amount - whole.sums.get(key, Decimal(0))) <= _tolerance(amount)
            for key, amount in candidate.figures.items()
        ):
            return start
    return None


def _looks_like_one(candidate: _Candidate) -> bool:
    cells = candidate.record.cells if candidate.record else []
    return any(_LIKE_A_TOTAL.fullmatch(c.strip()) for c in cells)


def _tolerance(amount: Decimal) -> Decimal:
    return max(_PENNY, abs(amount) * Decimal("1e-12"))


def _state(file_id: int, candidate: _Candidate, stated: Stated) -> None:
    for name in dict.fromkeys(name for _, name in candidate.figures):
        amount = sum((a for (_, f), a in candidate.figures.items() if f == name), Decimal(0))
        stated[(file_id, name)] = (amount, candidate.line)


def _note_subtotal(
    candidate: _Candidate, blocks: list[_Block], account: FileAccount, money: set[str]
) -> None:
    for name in dict.fromkeys(name for _, name in candidate.figures if name in money):
        amount = sum(a for (_, f), a in candidate.figures.items() if f == name)
        counted = sum(a for (_, f), a in blocks[-1].sums.items() if f == name)
        account.notes.append(
            f"line {candidate.line}: the subtotal states {amount:,.2f}; the rows above it come "
            f"to {counted:,.2f}"
        )


def _note_unmatched(
    file_id: int, unmatched: list[_Candidate], account: FileAccount, stated: Stated
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
    candidates: list[_Candidate],
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


def _no_words(candidate: _Candidate) -> str:
    """A line that holds its own number and nothing else is as good as blank."""
    cells = candidate.record.cells if candidate.record else []
    return "note" if any(c.isalpha() for cell in cells for c in cell) else "blank"


def _is_note(candidate: _Candidate, width: int) -> bool:
    if candidate.figures or candidate.record is None:
        return False
    filled = [c.strip() for c in candidate.record.cells if c.strip()]
    begins_as_one = bool(filled) and bool(_NOTE.match(filled[0]))
    return begins_as_one or (not candidate.is_odd and len(filled) < max(2, width / 2))

"""Which rows of a file are sums of others, and what that says of rows that only read like totals.

The rows between two candidates are a block. A candidate is a total where its figures are what the
blocks above it come to, from the first or a later one on; or, wherever it stands, what all rows of
data come to, those that follow it up to the next candidate, or those that agree with it in all that
it says beside its label.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from dashboard.load.labels import as_label
from dashboard.load.text import Record
from dashboard.load.wording import REPEATED, Column, Wording

# A pound in the sums of published tables is often rounded by a penny.
_PENNY = Decimal("0.01")

# A name that comes on so many lines, none of them a sum, is a name.
_NAME_AT = 3

# A figure of a row: which part of a wide file, which field.
Key = tuple[int, str]
Figures = dict[Key, Decimal]


class Verdict(Enum):
    """What a candidate is found to be."""

    TOTAL = "total"
    SUBTOTAL = "subtotal"
    DATA = "data"
    # It reads as a total and its figures say otherwise.
    DOUBTFUL = "doubtful"


@dataclass
class Candidate:
    """A row that may be no data: what it lacks, says and states.

    `reading` is how it reads where its words alone do not settle it, in `column` as `text`.
    """

    line: int
    is_labelled: bool
    is_lacking: bool
    is_odd: bool
    figures: Figures = field(default_factory=dict)
    record: Record | None = None
    label: str | None = None
    looks_like_one: bool = False
    reading: Wording | None = None
    column: Column | None = None
    text: str = ""
    verdict: Verdict = Verdict.DATA
    # What it states is a sum of rows: of all of them, or of some.
    is_sum: bool = False
    is_whole: bool = False
    # What the rows above it come to, since the last total.
    above: Figures = field(default_factory=dict)
    # The line of a total that counts it as data, or does not.
    counted_by: int | None = None
    left_out_by: int | None = None

    @property
    def is_exact(self) -> bool:
        """True where its words settle that it is a total."""
        return (self.is_labelled and not self.is_odd) or (
            self.is_lacking and self.label is not None
        )

    @property
    def is_plain(self) -> bool:
        """True where nothing about it is doubtful after all: a name that comes again and again."""
        return not (self.is_labelled or self.is_lacking or self.is_odd) and self.reading is None

    @property
    def may_be_named_so(self) -> bool:
        """True where only its figures tell whether it is a total or data."""
        return not self.is_exact and self.reading is not None

    @property
    def at_least(self) -> int:
        """Rows that its figures have to be the sum of. One row is no sum: a row that repeats the
        one above it must not pass for its total, unless it says that it is one. A name that only
        begins so (Total Gas & Power) says no such thing."""
        if self.reading is Wording.NAME_FIRST:
            return 2
        if self.is_labelled or self.label is not None or self.looks_like_one:
            return 1
        return 1 if self.reading is not None and self.reading >= Wording.NAME_LAST else 2

    @property
    def may_be_nought(self) -> bool:
        return self.is_exact or (self.reading or 0) >= Wording.WORD


@dataclass
class Block:
    """Rows of data between two totals: how many, what they come to, and which may be data."""

    rows: int = 0
    sums: Figures = field(default_factory=dict)
    maybe: list[Candidate] = field(default_factory=list)

    def add(self, figures: Figures, rows: int) -> None:
        self.rows += rows
        for key, amount in figures.items():
            self.sums[key] = self.sums.get(key, Decimal(0)) + amount


# Which of the rows that may be data count as data, in the order in which that is tried.
_COUNTED: tuple[set[Wording], ...] = (
    {Wording.NAME_FIRST},
    set(),
    {Wording.NAME_FIRST, Wording.NAME_LAST, Wording.WORD, Wording.PHRASE},
)

# What rows come to that agree with a candidate beside its label.
OfGroup = Callable[[list[Candidate]], dict[int, Block]]


def judge(
    candidates: list[Candidate], between: dict[int, Block], before: Block, of_group: OfGroup
) -> Block:
    """Give every candidate of a file that states figures its verdict; answers the rows of data.

    `between` are the rows from the candidate before to this one, by number; `before` those that
    were read earlier.
    """
    marks = [c for c in candidates if c.figures]
    blocks, pending = [before], []
    unmatched: list[tuple[int, Candidate]] = []
    texts = Counter(c.text.lower() for c in marks if c.reading is Wording.WORKED_OUT)
    for nth, one in enumerate(marks):
        rows = between.get(nth, Block())
        blocks[-1].add(rows.sums, rows.rows)
        # A line that cannot be split has no figures to trust.
        start = None if one.is_odd or one.is_plain else _sum_from(blocks, one)
        if one.reading is Wording.WORKED_OUT and not one.is_exact:
            _is_worked_out(one, texts[one.text.lower()])
            if one.verdict is Verdict.DATA:
                blocks[-1].add(one.figures, 1)
            continue
        if start is not None:
            _is_sum(one, start == 0)
        elif one.is_exact:
            one.verdict = Verdict.SUBTOTAL if "sub" in (one.label or "") else Verdict.TOTAL
            one.above = dict(blocks[-1].sums)
            unmatched.append((nth, one))
        elif one.may_be_named_so:
            blocks[-1].maybe.append(one)
            pending.append((nth, one))
            continue
        else:
            blocks[-1].add(one.figures, 1)
            continue
        blocks.append(Block())
    last = between.get(len(marks), Block())
    blocks[-1].add(last.sums, last.rows)
    data = _whole(blocks, set())
    _look_elsewhere([*unmatched, *pending], between, blocks, of_group)
    _tell_wholes([c for c in marks if c.is_sum], blocks)
    _settle([one for _, one in pending], marks)
    return data


def _tell_wholes(sums: list[Candidate], blocks: list[Block]) -> None:
    """Of several sums of a file those are its totals that sum up all of it: the first group's, too,
    begins with the first row."""
    if len(sums) < 2:
        return
    wholes = [_whole(blocks, counted) for counted in _COUNTED]
    for one in sums:
        is_named = (one.label or one.text.lower()).startswith(("grand", "overall"))
        if one.is_whole and not is_named and not any(_agrees(one, w.sums) for w in wholes):
            one.is_whole, one.verdict = False, Verdict.SUBTOTAL


def _is_worked_out(one: Candidate, times: int) -> None:
    """An average or a balance is neither data nor a sum, if it is not what many lines say."""
    if one.column and as_label(one.text) in one.column.declared:
        one.verdict, one.is_sum = Verdict.TOTAL, True
    elif times <= REPEATED:
        one.verdict = Verdict.DOUBTFUL


def _is_sum(one: Candidate, is_whole: bool) -> None:
    one.is_sum, one.is_whole = True, is_whole and "sub" not in (one.label or "")
    one.verdict = Verdict.TOTAL if one.is_whole else Verdict.SUBTOTAL


def _sum_from(blocks: list[Block], one: Candidate) -> int | None:
    """The first block whose sum, with those that follow it, is what the candidate states."""
    if one.reading is Wording.NAME_FIRST and not (blocks[-1].rows or blocks[-1].maybe):
        # Right beneath a total there is nothing for a name to be the sum of.
        return None
    maybe = {m.reading for b in blocks for m in b.maybe}
    for counted in _COUNTED if maybe else _COUNTED[:1]:
        whole, found = Block(), None
        for start in reversed(range(len(blocks))):
            _count(blocks[start], counted, whole)
            if whole.rows >= one.at_least and _agrees(one, whole.sums):
                found = start
        if found is not None:
            for other in (m for block in blocks[found:] for m in block.maybe):
                if other.reading in counted:
                    other.counted_by = one.line
                else:
                    other.left_out_by = one.line
            return found
    return None


def _whole(blocks: Iterable[Block], counted: set[Wording], but: Candidate | None = None) -> Block:
    whole = Block()
    for block in blocks:
        _count(block, counted, whole, but)
    return whole


def _count(block: Block, counted: set[Wording], into: Block, but: Candidate | None = None) -> None:
    into.add(block.sums, block.rows)
    for other in block.maybe:
        if other is not but and other.reading in counted:
            into.add(other.figures, 1)


def _agrees(one: Candidate, sums: Figures) -> bool:
    if not (one.may_be_nought or any(one.figures.values())):
        return False
    return all(
        abs(amount - sums.get(key, Decimal(0))) <= max(_PENNY, abs(amount) * Decimal("1e-12"))
        for key, amount in one.figures.items()
    )


def _look_elsewhere(
    left: list[tuple[int, Candidate]],
    between: dict[int, Block],
    blocks: list[Block],
    of_group: OfGroup,
) -> None:
    """Totals at the top of the file or of their rows, and those of rows that stand apart."""
    still = []
    for nth, one in left:
        if one.is_odd:
            continue
        rows = max(one.at_least, 2)
        whole = _whole(blocks, {Wording.NAME_FIRST}, but=one)
        below = between.get(nth + 1, Block())
        if whole.rows >= rows and _agrees(one, whole.sums):
            _is_sum(one, is_whole=True)
        elif below.rows >= rows and _agrees(one, below.sums):
            _is_sum(one, is_whole=False)
        elif any(one.figures.values()):
            still.append(one)
    if still:
        groups = of_group(still)
        everything = sum(b.rows for b in between.values())
        for one in still:
            rows = groups.get(one.line, Block())
            least = 1 if one.is_exact else max(one.at_least, 2)
            # Who says nothing beside its label is in no group.
            if least <= rows.rows < everything and _agrees(one, rows.sums):
                _is_sum(one, is_whole=False)


def _settle(pending: list[Candidate], marks: list[Candidate]) -> None:
    """What rows are that read as totals and are no sums."""
    texts = Counter(c.text.lower() for c in marks if c.may_be_named_so)
    sums = {c.text.lower() for c in marks if c.is_sum}
    has_named_totals = any(c.is_sum and c.reading is Wording.NAME_LAST for c in marks)
    for one in pending:
        if one.is_sum or one.counted_by is not None:
            continue
        text = one.text.lower()
        if one.reading in (Wording.NAME_FIRST, Wording.NAME_LAST):
            is_doubtful = texts[text] <= REPEATED and (
                (one.left_out_by is not None and any(one.figures.values()))
                or (has_named_totals and one.reading is Wording.NAME_LAST)
            )
        elif one.left_out_by is not None or one.reading is not Wording.WORD:
            is_doubtful = True
        else:
            is_doubtful = texts[text] < _NAME_AT or text in sums
        one.verdict = Verdict.DOUBTFUL if is_doubtful else Verdict.DATA

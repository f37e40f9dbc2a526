"""What a cell says that may make its row a total, and how sure that is by its words alone.

The words never settle it where a name may stand: a firm is called Total, another Total Gas & Power,
and a spreadsheet's subtotals are called "Alder Ltd Total". There the figures have to agree.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import duckdb

from dashboard.load.contract import Field, Resource
from dashboard.load.dates import MONTHS
from dashboard.load.feeds import ADDITIVE, FREE_TEXT
from dashboard.load.labels import LABELS, as_label
from dashboard.load.sql import list_sql, name_sql, text_sql
from dashboard.load.worked_out import BEGINNINGS, FEEDS_OF_AMOUNTS, LONGEST, SHORTEST, WORDS


class Wording(IntEnum):
    """How a cell reads, from the weakest to the firmest.

    NAME_FIRST: "Total Gas & Power", "Total Finance". NAME_LAST: "Finance Total". WORD: "Total",
    which may be a firm. PHRASE: "Grand Total", "Total for April 2018". DECLARED: by the contract.
    WORKED_OUT: "Average", "Brought forward", which are no sums.
    """

    NAME_FIRST = 1
    NAME_LAST = 2
    WORD = 3
    PHRASE = 4
    DECLARED = 5
    WORKED_OUT = 6


# Words that say "total" by themselves, and could name a firm, or all customers together.
_WORDS = ("total", "totals", "sum", "overall")

# What stands around the word in a label that names nobody.
_AROUND = (
    *("grand", "sub", "overall", "report", "page", "sheet", "file", "final", "running"),
    *("net", "nett", "gross", "amount", "amounts", "value", "values", "spend", "spending", "spent"),
    *("expenditure", "payments", "payment", "paid", "cost", "costs", "invoices", "transactions"),
    *(
        "for",
        "of",
        "the",
        "all",
        "in",
        "to",
        "and",
        "by",
        "this",
        "as",
        "at",
        "from",
        "per",
        "date",
    ),
    *("month", "monthly", "months", "year", "yearly", "annual", "quarter", "quarterly", "period"),
    *("services", "suppliers", "departments", "directorates", "councils", "ytd", "end", "ending"),
    *("gbp", "vat", "inc", "incl", "including", "exc", "excl", "excluding", "ex"),
    *MONTHS,
)
_TOTAL = r"(?:grand|sub[ -]?)?totals?"
_PHRASE = (
    rf"[^a-z0-9]*(?:(?:{_TOTAL}|{'|'.join(sorted(_AROUND))}|[qph]?[0-9]+(?:st|nd|rd|th)?)"
    r"(?:[^a-z0-9]+|$))+"
)
_HAS_TOTAL = rf"(?:^|[^a-z0-9]){_TOTAL}(?:[^a-z0-9]|$)"
_FIRST = rf"[^a-z0-9]*(?:(?:grand|overall) )?{_TOTAL}[^a-z0-9].*"
_LAST = rf".*[^a-z0-9]{_TOTAL}[^a-z0-9]*"

# Fields whose texts say what is counted, or why: "Total complaints" is a measure, "total calls" a
# unit.
_OF_WHAT = {
    *("measure_id", "unit", "topic", "text", "source", "status", "kind", "feed"),
    *("definition", "why_it_matters", "council_group", "title", "name"),
}

# A name that comes more often than this in a file is no label of a subtotal.
REPEATED = 3


@dataclass(frozen=True)
class Column:
    """A column of text in which a total may be labelled: the field's place, and what it may say.

    `is_free` where names and prose stand; `labels` are known to everybody, `declared` by the
    contract, and `settled` are those that it says stand for a value. `is_named` is False of a
    column that fills no field (`beside`), `of_amounts` True where every row is an amount of its
    own, and none is worked out of others (`worked_out`).
    """

    at: int
    field: str
    is_free: bool
    labels: frozenset[str]
    declared: frozenset[str]
    settled: frozenset[str]
    is_named: bool = True
    of_amounts: bool = False

    def reads_as(self, text: str | None) -> Wording | None:
        """How a cell of this column reads; None where it says nothing of a total."""
        said = as_label(text or "")
        if not said or said in self.settled:
            return None
        if self.of_amounts and said in WORDS:
            return Wording.WORKED_OUT
        if said in self.declared:
            return Wording.DECLARED
        if said in _WORDS:
            return Wording.WORD
        if said in self.labels:
            return Wording.PHRASE
        if not re.search(_HAS_TOTAL, said):
            return None
        if re.fullmatch(_PHRASE, said):
            return Wording.PHRASE
        if re.fullmatch(_LAST, said):
            return Wording.NAME_LAST
        return Wording.NAME_FIRST if re.fullmatch(_FIRST, said) else None

    def like_sql(self, text: str) -> str:
        """SQL that is true of the texts that `reads_as` finds something in.

        Most texts are spared the closer look: they lack the word, and are longer than the others.
        """
        said = rf"regexp_replace(lower(trim({text})), '[ :.]+$', '')"
        forms = " or ".join(
            f"regexp_full_match({said}, {text_sql(form)})" for form in (_PHRASE, _LAST, _FIRST)
        )
        others = self._others()
        return (
            f"case when contains({text}, 'otal') or contains({text}, 'OTAL') then "
            f"regexp_matches({said}, {text_sql(_HAS_TOTAL)}) and ({forms}) "
            f"when strlen({text}) <= {_longest(others)} and {said} in ({list_sql(others)}) "
            f"then true {self._worked_out_sql(text, said)}else false end"
        )

    def sign_sql(self, text: str) -> str:
        """SQL of plain functions, true of every text of which `like_sql` is, and of few others."""
        others = self._others()
        is_other = " or ".join(f"contains(lower({text}), {text_sql(word)})" for word in others)
        return (
            f"contains({text}, 'otal') or contains({text}, 'OTAL') "
            f"or (strlen({text}) <= {_longest(others)} and ({is_other}))"
            + (f" or {_may_be_worked_out(text)}" if self.of_amounts else "")
        )

    def _worked_out_sql(self, text: str, said: str) -> str:
        if not self.of_amounts:
            return ""
        return f"when {_may_be_worked_out(text)} then {said} in ({list_sql(sorted(WORDS))}) "

    def _others(self) -> list[str]:
        """Words for a total without the word itself."""
        return sorted(w for w in {*_WORDS, *self.declared} if "total" not in w)


def _may_be_worked_out(text: str) -> str:
    """SQL of plain functions, true of what is as long as such a word and begins as one."""
    return (
        f"(strlen({text}) between {SHORTEST} and {LONGEST + 2} "
        f"and contains({text_sql(BEGINNINGS)}, left(lower(trim({text})), 3)))"
    )


def _longest(words: list[str]) -> int:
    """Bytes of the longest text that says one of these words: two more for what stands around."""
    return max(map(len, words)) + 2


def columns(resource: Resource) -> list[Column]:
    """The columns of a resource in which a total may be told by its figures."""
    additive = ADDITIVE.get(resource.feed, ())
    if not any(f.name in additive and f.is_in_file for f in resource.fields):
        return []
    return [
        Column(
            i,
            f.name,
            f.name in FREE_TEXT,
            *_labels(f, resource),
            of_amounts=resource.feed in FEEDS_OF_AMOUNTS,
        )
        for i, f in enumerate(resource.fields)
        if f.kind == "text" and f.is_in_file and f.across is None and f.name not in _OF_WHAT
    ]


def _labels(f: Field, resource: Resource) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    settled = frozenset(as_label(word) for word, _ in f.values)
    declared = frozenset(as_label(t) for t in resource.totals) - settled
    return frozenset(LABELS) - settled, declared, settled


def files_with_labels(
    con: duckdb.DuckDBPyConnection, resource: Resource, where: str, fields: Collection[str]
) -> set[int]:
    """The files of which stored rows (`where`: "from … where …") hold, in one of these fields, what
    may label a total."""
    found: set[int] = set()
    for column in columns(resource):
        if column.field not in fields:
            continue
        name = name_sql(column.field)
        said = con.execute(
            f"select file_id, {name}, count(*) {where} and {column.like_sql(name)} group by all"
        ).fetchall()
        for file_id, text, rows in said:
            reading = column.reads_as(text)
            if reading and (reading > Wording.NAME_LAST or rows <= REPEATED):
                found.add(file_id)
    return found

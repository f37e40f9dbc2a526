"""Names and literals in SQL that is made from a contract (never from what a reader types)."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


def name_sql(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def text_sql(text: str) -> str:
    """A quoted text."""
    return "'" + text.replace("'", "''") + "'"


def list_sql(texts: object) -> str:
    """Quoted texts, for `in (…)`; never empty."""
    return ", ".join(text_sql(str(t)) for t in texts) or "null"


def paths_sql(paths: Iterable[Path]) -> str:
    """Paths for `read_csv`, which takes them for patterns and `b[12].csv` for `b1.csv`."""
    return list_sql(glob.escape(str(path)) for path in paths)


@dataclass(frozen=True)
class FileNumber:
    """SQL for the number of the file that a row of `read_csv` comes from, with the option and the
    join that this takes."""

    sql: str
    option: str = ""
    join: str = ""


def file_number(paths: Sequence[Path], numbers: Sequence[int]) -> FileNumber:
    """How rows of files are told apart: by each file's place in the list, which costs least, and
    by its name where the numbers do not follow upon each other."""
    if all(number == at for at, number in enumerate(numbers, numbers[0])):
        return FileNumber(f"(file_index + {numbers[0]})::integer")
    pairs = zip(paths, numbers, strict=True)
    named = ", ".join(f"({text_sql(str(path))}, {number})" for path, number in pairs)
    join = f" join (values {named}) as n(filename, number) using (filename)"
    return FileNumber("number", ", filename=true", join)


# What DuckDB's reader of csv takes for no value: nothing that a file holds. Left to itself it takes
# a blank cell for none, and then neither sees a blank cell too many nor tells one from a cell that
# is not there.
NO_TEXT = text_sql("\x01")

"""What became of each file of a load: the account that a data officer is given."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Reconciled:
    """One column of money (or of counts that add up) of one file, against the file's own total.

    counted: the sum of every row that is data, as far as it can be read
    stated: what the file's total row says, on line `stated_line`; None where it has none
    """

    field: str
    counted: Decimal
    loaded: Decimal
    stated: Decimal | None = None
    stated_line: int | None = None
    unreadable: int = 0

    @property
    def difference(self) -> Decimal | None:
        """What the file states over what its rows come to; None without a stated total."""
        return None if self.stated is None else self.stated - self.counted


# Why lines are skipped that are no data of any file.
_NO_DATA = {
    *("blank", "header again", "note", "total", "subtotal", "comment"),
    *("no figure", "no figure in any column"),
}


@dataclass
class FileAccount:
    """What became of one file.

    Its physical `lines` are those down to the header, those that go on with a quoted cell, and
    one for each record; its `rows` (read) are loaded, set aside or skipped. In a wide file each
    record gives `parts` rows.
    """

    feed: str
    file: str
    resource: str = ""
    hash: str = ""
    lines: int = 0
    header_lines: int = 0
    continued: int = 0
    parts: int = 1
    read: int = 0
    loaded: int = 0
    set_aside: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    refused: str | None = None
    encoding: str = ""
    notes: list[str] = field(default_factory=list)
    reconciled: list[Reconciled] = field(default_factory=list)
    illustrative: bool = False
    source: str | None = None
    is_new: bool = True
    # Lines skipped as lines (blank, total, …); rows that are skipped for their place in a wide
    # file ("no figure") and repeats are counted with the rows.
    skipped_lines: int = 0
    # What is said of rows that state what periods within theirs come to, in any file.
    over_time: str | None = None

    def start_again(self) -> None:
        """Forget what was counted: the file is read once more, in another way."""
        self.read = self.skipped_lines = self.continued = 0
        self.skipped, self.notes = {}, []

    def note_if_empty(self) -> None:
        """Say of a file that has no row of data that it has none: an empty month may be right."""
        if self.loaded or self.set_aside or set(self.skipped) - _NO_DATA:
            return
        below = ", ".join(sorted(self.skipped)) or "nothing"
        said = f"no row of data stands below the header ({below})"
        if said not in self.notes:
            self.notes.append(said)

    def adds_up(self) -> bool:
        """True where every row, and every physical line, is accounted for."""
        rows = self.loaded + self.set_aside + sum(self.skipped.values())
        records = (self.read - self.skipped_lines) // self.parts + self.skipped_lines
        lines = self.header_lines + self.continued + records
        return rows == self.read and lines == self.lines

    @property
    def is_clean(self) -> bool:
        return not (self.refused or self.set_aside or any(r.difference for r in self.reconciled))

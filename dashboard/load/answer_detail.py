"""Of which places of one wave the answers are not broken down, beside those that are hidden whole.

Of a place that is shown whole, readers see how many gave each of the five answers, did not know,
and were invited. Few give some of them: where a service's 43 customers have no very dissatisfied
one among them, none of its hidden cells has. So of a service with a hidden cell its total is not
broken down, of some cells beside the hidden ones nothing is but how many answered and how many of
these are satisfied; all customers' totals stay as they are.

Why that is enough. Call the cells that are not broken down of one customer its group. What is known
of their answers is, for each answer, the group's sum: the customer's total less its other cells.
Whatever numbers of satisfied and of others the group's cells may have (dashboard/load/
suppression.py), they have the group's sums, and so each answer can be dealt out among them in any
way that adds up: a table of two margins always has a filling. So a cell's interval for one answer
runs from what the others of the group can't hold of it (or none) to the group's sum of that answer
(or the cell's own satisfied, or others). A group is therefore widened by the cells that are worth
least to readers until every answer is held by enough of it and enough of it holds other answers.

Where a customer as a whole has too few of an answer, its total is not broken down either, and
another's beside it: these customers are one group; in the end nobody's is, not even everybody's.
The same can be done with customers for services. Of the two that is done which takes fewer people's
answers.
"""

from collections.abc import Iterator, Sequence

from dashboard import settings
from dashboard.load.suppression import Cell, Line, Place, Suppression

SATISFIED = ("very_satisfied", "fairly_satisfied")
OTHERS = ("neither", "fairly_dissatisfied", "very_dissatisfied")
# Tied to nothing else: whoever is not in one cell of a group can be in any other.
FREE = ("dont_know", "unanswered")

# What a total is worth to readers over a cell of as many people, in people: a service's answers are
# looked at by all, a cell's by its customer.
_TOTAL = 100


def not_broken_down(wave: Suppression) -> set[Place]:
    """Places that are shown, but not by answer; those that are hidden whole are not among them."""
    if not wave.hidden or not any(
        count is not None for c in wave.cells for count in c.counts.values()
    ):
        return set()
    found = min(
        (_Detail(wave, by) for by in ("customer", "service")),
        key=lambda detail: (detail.loss(), detail.by),
    )
    return set(found.places()) - set(wave.places())


class _Detail:
    """The cells not broken down, in groups along one kind of line (`by`)."""

    def __init__(self, wave: Suppression, by: str) -> None:
        self.wave, self.by = wave, by
        self.along, self.across = (1, 0) if by == "customer" else (0, 1)
        self.known = [
            name
            for name in (*SATISFIED, *OTHERS, *FREE)
            if any(c.counts.get(name) is not None for c in wave.cells)
        ]
        self.cells = set(wave.hidden)
        self.rows = {cell.lines[self.across] for cell in self.cells}
        # The lines whose totals are not broken down are one group; without everybody's, nothing
        # is known of what it holds.
        self.lost = {line for line in wave.totals if line[0] == by}
        self.is_grand_lost = wave.is_grand_hidden
        while self._grow():
            pass
        self._break_down_what_can_be()

    def places(self) -> Iterator[Place]:
        yield from ((c.service_id, c.council_id) for c in self.cells)
        for kind, name in self._lines():
            yield (name, None) if kind == "service" else (None, name)
        if self.is_grand_lost:
            yield (None, None)

    def loss(self) -> int:
        """How many people's answers are no longer broken down, over all places."""
        people = sum(c.people for c in self.cells)
        people += sum(self.wave.people[line] for line in self._lines())
        return people + self.is_grand_lost * sum(c.people for c in self.wave.cells)

    def _lines(self) -> set[Line]:
        """The lines whose totals are not broken down."""
        # What the cells of one line alone hold follows from all the others' totals.
        follows = len(self.rows) == 1 and not self.is_grand_lost
        return self.lost if follows else self.lost | self.rows

    def _grow(self) -> bool:
        """Take one step to where every group holds enough of each answer; False where all do."""
        lacking = {
            group: lack for group, cells in self._groups().items() if (lack := self._lack(cells))
        }
        if not lacking:
            return False
        best = min(
            (
                (-gain / self._price(cell), -gain, nth, cell)
                for nth, cell in enumerate(self.wave.cells)
                if cell not in self.cells and (gain := self._gain(cell, lacking))
            ),
            key=lambda found: found[:3],
            default=None,
        )
        if best is not None:
            cell = best[-1]
            self.cells.add(cell)
            self.rows.add(cell.lines[self.across])
        else:
            self._lose(next(iter(lacking)))
        return True

    def _break_down_what_can_be(self) -> None:
        """Give back what was taken before something else made it needless: whole lines first."""
        besides = [c for c in self.wave.cells if c in self.cells and c not in self.wave.hidden]
        mine: dict[Line, set[Cell]] = {}
        for cell in besides:
            mine.setdefault(cell.lines[self.across], set()).add(cell)
        needed = {c.lines[self.across] for c in self.wave.hidden}
        lines = sorted(mine.keys() - needed, key=lambda line: (-self.wave.people[line], line))
        for some in [*(mine[line] for line in lines), *({c} for c in besides)]:
            taken = some & self.cells
            self.cells -= taken
            if any(self._lack(cells) for cells in self._groups().values()):
                self.cells |= taken
        self.rows = {c.lines[self.across] for c in self.cells}

    def _group(self, cell: Cell) -> Line | None:
        line = cell.lines[self.along]
        return None if line in self.lost else line

    def _groups(self) -> dict[Line | None, list[Cell]]:
        """The groups that have a hidden cell and a sum that is known; None is the lost lines'."""
        found: dict[Line | None, list[Cell]] = {}
        for cell in self.wave.cells:
            if cell in self.cells:
                found.setdefault(self._group(cell), []).append(cell)
        if self.is_grand_lost:
            found.pop(None, None)
        return {
            group: cells
            for group, cells in found.items()
            if any(cell in self.wave.hidden for cell in cells)
        }

    def _lack(self, cells: Sequence[Cell]) -> dict[str, int]:
        """How much a group has too little of each answer."""
        return {
            name: lack
            for name in self.known
            if (lack := settings.PROTECTED_COUNT - sum(_count(c, name) for c in cells)) > 0
        }

    def _gain(self, cell: Cell, lacking: dict[Line | None, dict[str, int]]) -> int:
        """How much of what its group lacks a cell would bring."""
        lack = lacking.get(self._group(cell), {})
        return sum(min(wanted, _count(cell, name)) for name, wanted in lack.items())

    def _price(self, cell: Cell) -> int:
        """How many people's answers would no longer be broken down."""
        row = cell.lines[self.across]
        return cell.people + (0 if row in self.rows else self.wave.people[row] + _TOTAL)

    def _lose(self, group: Line | None) -> None:
        """Break the total of this group no longer down, and that of the smallest line beside it."""
        if group is not None:
            self.lost.add(group)
        others = [
            (people, line)
            for line, people in self.wave.people.items()
            if line[0] == self.by and line not in self.lost
        ]
        if others and (group is None or len(self.lost) == 1):
            self.lost.add(min(others)[1])
        elif len(self.lost) == 1 or not others:
            self.is_grand_lost = True


def _count(cell: Cell, name: str) -> int:
    return max(cell.counts.get(name) or 0, 0)

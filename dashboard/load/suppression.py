"""Which cells and totals of one wave to hide, so that no small cell can be told within bounds.

A wave is a table of services by customers for each count that is shown of everything: how many are
satisfied, and how many are not. Shown are cells, the total of each service, of each customer and
the grand total. What a reader can work out of a hidden cell is an interval: the least and the most
it can be in any table of whole numbers, none of them negative, with the same shown cells and
totals (the feasibility interval of Hundepool and others, Statistical Disclosure Control, 2012,
chapter 4). The two tables are tied by nothing else, so that each has intervals of its own.

The most a cell can be is a maximum flow (Fischetti and Salazar 2000; Kelly, Golden and Assad
1992): from its service to its customer in the graph whose nodes are lines (services and customers)
and whose arcs are hidden cells, as wide as their count from service to customer, by which that cell
could be less, and without limit the other way, by which it could be more. A line whose total is
hidden is one node with the others of its kind; without a grand total, of either kind.

The least it can be is a flow the other way.

What is hidden beside. Where a small cell's interval is narrower than it has to be, more cells are
hidden along the way that takes the fewest answers. That never makes the interval of another cell
narrower, so each is looked at once. Where there is no way, because the totals themselves hold too
few, a total is hidden and another's beside it. Cells hidden beside are looked at in their turn: of
them nothing is known exactly. What was hidden for a cell that others protect since is shown again.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard import settings

# A service and a customer; None is all of them.
Place = tuple[str | None, str | None]
# A service or a customer: its kind, and its id.
Line = tuple[str, str]

# Cells looked at again, times those that have to stay protected: half a second's work at most.
_CHECKED_AGAIN = 2_000


# Compared as the object that it is: a wave's cells are looked up a great many times.
@dataclass(frozen=True, eq=False)
class Cell:
    """What one customer said of one service in one wave.

    people: how many answered. satisfied: of them; None where it is not known.
    is_small: fewer than ten answered, and there was somebody to answer.
    counts: how many gave each answer, did not know, and did not answer, as far as it is known.
    """

    service_id: str
    council_id: str
    people: int
    is_small: bool
    satisfied: int | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[Line, Line]:
        """Its service and its customer."""
        return ("service", self.service_id), ("customer", self.council_id)


class Suppression:
    """One wave's cells, and what is hidden of them and of their totals."""

    def __init__(self, cells: list[Cell]) -> None:
        # Nobody's answers need no protection, and give none.
        self.cells = sorted(
            (c for c in cells if c.people or c.is_small),
            key=lambda c: (-c.people, c.service_id, c.council_id),
        )
        self._by_line: dict[Line, list[Cell]] = {}
        for cell in self.cells:
            for line in cell.lines:
                self._by_line.setdefault(line, []).append(cell)
        self.people = {line: sum(c.people for c in mine) for line, mine in self._by_line.items()}
        self.hidden = {c for c in self.cells if c.is_small}
        self.totals: set[Line] = set()
        self.is_grand_hidden = False
        # Of a cell whose satisfied are not known nothing is taken for granted of the others.
        self._satisfied = {c: c.people if c.satisfied is None else c.satisfied for c in self.cells}
        self._others = {c: c.people - self._satisfied[c] for c in self.cells}
        self._price = {cell: self._worth(cell) for cell in self.cells}
        self._draw()
        got = {cell: self._protect(cell) for cell in self.cells if cell.is_small}
        while besides := [c for c in self.cells if c in self.hidden and c not in got]:
            got |= {cell: self._protect(cell) for cell in besides}
        self._show_what_can_be(got)

    def places(self) -> Iterator[Place]:
        """Everything hidden, as places in the table."""
        yield from ((c.service_id, c.council_id) for c in self.hidden)
        for kind, name in self.totals:
            yield (name, None) if kind == "service" else (None, name)
        if self.is_grand_hidden:
            yield (None, None)

    def price(self, cell: Cell) -> int:
        """How many answers readers lose with it."""
        return self._price[cell]

    def _worth(self, cell: Cell) -> int:
        """Its answers; of a line where all, or none, are satisfied the total's too.

        Its total would have to be hidden with it: it says of all its cells that all are.
        """
        worth = cell.people
        for line in cell.lines:
            mine = self._by_line[line]
            if not any(self._others[c] for c in mine) or not any(self._satisfied[c] for c in mine):
                worth += self.people[line]
        return worth

    def _draw(self) -> None:
        """Both tables as graphs of what is hidden now."""
        self.satisfied, self.others = _Table(self, self._satisfied), _Table(self, self._others)
        self._join_totals()

    def _protect(self, cell: Cell) -> tuple["_Need", "_Need"]:
        """Hide what it takes that this cell can't be told within bounds.

        Answers how uncertain it was made in the table of others, and of the satisfied.
        """
        width = upward = 0
        if not cell.is_small:
            # Hidden beside small ones: ten people or more, of whom nothing is known exactly.
            need = _Need(1, at_least=1)
            if cell.satisfied is not None:
                self._widen(self.others, cell, need)
            self._widen(self.satisfied, cell, need)
            return need if cell.satisfied is not None else _Need(0), need
        if cell.satisfied is not None:
            need = _Need(settings.PROTECTED_COUNT, at_least=1)
            width, upward = self._widen(self.others, cell, need)
        # A reader must not be able to tell that fewer than ten answered.
        upward = max(0, settings.SMALLEST_GROUP - cell.people - upward)
        need = _Need(settings.PROTECTED_PEOPLE, upward, settings.PROTECTED_PEOPLE)
        self._widen(self.satisfied, cell, need)
        return _Need(width), need

    def _widen(self, table: "_Table", cell: Cell, need: "_Need") -> tuple[int, int]:
        """Hide what it takes that this cell is as uncertain as it needs to be.

        Answers how wide its interval is, and how much of that is above it. Less than it needs,
        but no less than `at_least`, where the totals that are shown hold no more: then all that
        they tell is that it is between none and all that they hold.
        """
        while True:
            up, down = table.flows(cell, need)
            lacks_above, lacks_width = need.lacks(up, down)
            if not lacks_above and not lacks_width:
                return up.amount + down.amount, up.amount
            ways = [up.cheapest()]
            if not lacks_above and down.amount < table.counts[cell]:
                ways.append(down.cheapest())
            found = [way for way in ways if way is not None]
            if found:
                for step in min(found, key=lambda way: way[0])[1]:
                    self._hide(step)
            elif not lacks_above and up.amount + down.amount >= need.at_least:
                return up.amount + down.amount, up.amount
            else:
                self._hide_totals(cell, up.reached)

    def _hide(self, cell: Cell) -> None:
        self.hidden.add(cell)
        for table in (self.satisfied, self.others):
            table.hide(cell)

    def _hide_totals(self, cell: Cell, reached: set[Line]) -> None:
        """Hide two totals, the smallest that stand on either side of the cut; else all three.

        Where no line of the same kind is on the other side, the cell's own totals and the grand
        total have to go.
        """
        near: dict[str, tuple[int, Line]] = {}
        far: dict[str, tuple[int, Line]] = {}
        for line, people in self.people.items():
            side = near if line in reached else far
            mine = 0 if line in self.totals else people, line
            side[line[0]] = min(side.get(line[0], mine), mine)
        pairs = [
            (near[kind][0] + far[kind][0], near[kind][1], far[kind][1])
            for kind in near.keys() & far.keys()
        ]
        if pairs:
            self.totals |= set(min(pairs)[1:])
        else:
            self.totals |= set(cell.lines)
            self.is_grand_hidden = True
        self._join_totals()

    def _join_totals(self) -> None:
        together: dict[str, Line] = {}
        for line in sorted(self.totals):
            first = together.setdefault("" if self.is_grand_hidden else line[0], line)
            for table in (self.satisfied, self.others):
                table.join(first, line)

    def _show_what_can_be(self, got: dict[Cell, tuple["_Need", "_Need"]]) -> None:
        """Show again, the largest first, what was hidden for a cell that others protect since."""
        besides = [c for c in self.cells if c in self.hidden and not c.is_small]
        if len(besides) * len(got) > _CHECKED_AGAIN:
            return
        for cell in besides:
            self.hidden.remove(cell)
            self._draw()
            if not all(self._is_protected(c, *got[c]) for c in got if c in self.hidden):
                self.hidden.add(cell)

    def _is_protected(self, cell: Cell, others: "_Need", satisfied: "_Need") -> bool:
        return not any(
            any(need.lacks(*table.flows(cell, need)))
            for table, need in ((self.others, others), (self.satisfied, satisfied))
        )


@dataclass(frozen=True)
class _Need:
    """How wide a cell's interval has to be, how much of that above the cell, and what will do."""

    width: int
    above: int = 0
    at_least: int = 0

    def lacks(self, up: "_Flow", down: "_Flow") -> tuple[bool, bool]:
        """Whether too little of the interval is above the cell, and whether it is too narrow."""
        return up.amount < self.above, up.amount + down.amount < self.width


class _Table:
    """One count of a wave's cells as a graph of its lines.

    Lines between which more can flow in both directions than any cell needs are one node: no cut
    that matters stands between them, and none ever will.
    """

    def __init__(self, wave: Suppression, counts: dict[Cell, int]) -> None:
        self.wave, self.counts = wave, counts
        self.node = {line: line for line in wave.people}
        # Of each node its cells: those that are hidden, and those that could be. In order.
        self.hidden: dict[Line, dict[Cell, None]] = {line: {} for line in wave.people}
        self.shown: dict[Line, dict[Cell, None]] = {line: {} for line in wave.people}
        for cell in wave.cells:
            for line in cell.lines:
                self.shown[line][cell] = None
        for cell in wave.cells:
            if cell in wave.hidden:
                self.hide(cell)

    def hide(self, cell: Cell) -> None:
        """Make an arc of a cell that was shown."""
        for line in cell.lines:
            node = self.node[line]
            self.shown[node].pop(cell, None)
            self.hidden[node][cell] = None
        if self.counts[cell] >= settings.SMALLEST_GROUP:
            self.join(*cell.lines)

    def join(self, line: Line, other: Line) -> None:
        """Make one node of two."""
        stays, goes = self.node[line], self.node[other]
        if stays == goes:
            return
        for each, node in self.node.items():
            if node == goes:
                self.node[each] = stays
        self.hidden[stays] |= self.hidden.pop(goes)
        self.shown[stays] |= self.shown.pop(goes)

    def flows(self, cell: Cell, need: _Need) -> tuple["_Flow", "_Flow"]:
        """How much more, and how much less, a cell could be, as far as it is needed."""
        service, customer = (self.node[line] for line in cell.lines)
        up = _Flow(self, cell, service, customer)
        up.push(max(need.above, need.width))
        down = _Flow(self, cell, customer, service)
        down.push(min(need.width - up.amount, self.counts[cell]))
        return up, down


# A step of a way: a cell, and whether it leads outward, from service to customer.
_Step = tuple[Cell, bool]


class _Flow:
    """What flows between two nodes by hidden cells other than the one that it is for."""

    def __init__(self, table: _Table, cell: Cell, start: Line, end: Line) -> None:
        self.table, self.cell, self.start, self.end = table, cell, start, end
        self.amount = 0
        self.used: dict[Cell, int] = {}
        self.reached: set[Line] = set()

    def push(self, wanted: int) -> None:
        """Let flow as much as is wanted, or as can by what is hidden already."""
        if self.start == self.end:
            self.amount = max(wanted, 0)
        while self.amount < wanted:
            way = self._way(hidden_only=True)
            if way is None:
                return
            room = [self._left(cell) for cell, is_outward in way[1] if is_outward]
            more = min([wanted - self.amount, *room])
            for cell, is_outward in way[1]:
                self.used[cell] = self.used.get(cell, 0) + (more if is_outward else -more)
            self.amount += more

    def cheapest(self) -> tuple[int, list[Cell]] | None:
        """The cells to hide that more can flow, and how many answers they are of; None if none."""
        way = self._way(hidden_only=False)
        if way is None:
            return None
        return way[0], [cell for cell, _ in way[1] if cell in self._shown_of(cell)]

    def _shown_of(self, cell: Cell) -> dict[Cell, None]:
        return self.table.shown[self.table.node[cell.lines[0]]]

    def _left(self, cell: Cell) -> int:
        return self.table.counts[cell] - self.used.get(cell, 0)

    def _way(self, hidden_only: bool) -> tuple[int, list[_Step]] | None:
        """The way that hides the fewest answers more, by Dijkstra; None where there is none.

        Sets the lines that were reached.
        """
        table = self.table
        cost, came = {self.start: 0}, {}
        queue: list[tuple[int, int, Line]] = [(0, 0, self.start)]
        reached: set[Line] = set()
        while queue:
            so_far, _, node = heapq.heappop(queue)
            if node in reached:
                continue
            reached.add(node)
            if node == self.end:
                way: list[_Step] = []
                while node != self.start:
                    step, is_outward, node = came[node]
                    way.append((step, is_outward))
                return so_far, way[::-1]
            for cells, is_shown in ((table.hidden[node], False), (table.shown[node], True)):
                if is_shown and hidden_only:
                    continue
                for cell in cells:
                    service, customer = (table.node[line] for line in cell.lines)
                    is_outward = node == service
                    to = customer if is_outward else service
                    if to in reached or cell is self.cell:
                        continue
                    if is_outward and self._left(cell) <= 0:
                        continue
                    dearer = so_far + (table.wave.price(cell) if is_shown else 0)
                    if to not in cost or dearer < cost[to]:
                        cost[to], came[to] = dearer, (cell, is_outward, node)
                        heapq.heappush(queue, (dearer, len(came), to))
        self.reached = {line for line, node in table.node.items() if node in reached}
        return None

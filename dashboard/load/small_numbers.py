"""Which survey figures small numbers forbid to show, so that none can be worked out from the rest.

A wave of a survey is a table of services by customers. Shown are its cells, the total of each
service, the total of each customer and the grand total. A reader may add and subtract all of
them: from totals less visible cells follows whatever is a combination of totals and is made of
hidden cells alone. This is the cell suppression problem of statistical disclosure control
(Hundepool and others, Statistical Disclosure Control, 2012, chapter 4.4); what is hidden beside
the small cells is complementary suppression.

What can be worked out. Give each service a number x and each customer a number y. What totals
tell of a hidden cell is x of its service less y of its customer, times its answers. A group of
hidden cells is told where this is 1 on its cells and 0 on all other hidden ones. The numbers then
are whole, and so each group that is told is made of smaller ones of one form: choose some lines
(services and customers) such that no hidden cell has its customer among them and its service not;
the cells with their service among them and their customer not are told. A smallest such group with
a given cell is a minimum cut, from its service to its customer, in the graph whose nodes are lines
and whose arcs are hidden cells: as wide as their answers from service to customer, and without
limit the other way. So a flow of ten or more between the ends of each small cell proves that no
group of fewer than ten people can be worked out: all of them, not just those that are looked for.

What is hidden beside. Where the flow is less, more cells are hidden along the way that takes the
fewest answers. That never makes the flow of another cell smaller, so each is looked at once. Where
there is no way, because a service or a customer has too few answers in all, its total is hidden
and another's beside it: a line whose total is hidden is one node with the others of its kind.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from dashboard import settings
from dashboard.load.staging import insert

# A service and a customer; None is all of them.
Place = tuple[str | None, str | None]
# A service or a customer: its kind, and its id.
_Line = tuple[str, str]


# Compared as the object that it is: a wave's cells are looked up a great many times.
@dataclass(frozen=True, eq=False)
class Cell:
    """What one customer said of one service in one wave: how many answered.

    is_small: fewer than ten, and there was somebody to answer.
    """

    service_id: str
    council_id: str
    people: int
    is_small: bool


def hide(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `hidden_survey`: what must not be shown of the table `satisfaction`.

    Grain: one row per wave (month), service_id and council_id; null is all of them.
    Cells without a number of respondents are not looked at: nobody knows whose answers they are.
    """
    con.execute(
        "create or replace table hidden_survey (month date, service_id varchar, council_id varchar)"
    )
    waves: dict[object, list[Cell]] = {}
    for month, *cell in con.execute(
        "select month, service_id, council_id, sum(respondents)::bigint as people, "
        f"people < {settings.SMALLEST_GROUP} and (people > 0 or coalesce(sum(dont_know), 0) > 0 "
        f"or coalesce(sum(invited) between 1 and {settings.SMALLEST_GROUP - 1}, false)) "
        "from satisfaction where respondents is not null "
        "group by month, service_id, council_id order by all"
    ).fetchall():
        waves.setdefault(month, []).append(Cell(*cell))
    found = [(month, *place) for month, cells in waves.items() for place in hidden(cells)]
    insert(con, "hidden_survey", found)


def hidden(cells: list[Cell]) -> list[Place]:
    """The cells and totals of one wave to be hidden, in order; the same for the same cells."""
    wave = _Wave(cells)
    for cell in wave.small:
        wave.protect(cell)
    return sorted(wave.places(), key=lambda place: tuple(part or "" for part in place))


class _Wave:
    """One wave's cells, and what is hidden of them so far.

    Lines between which ten can flow in both directions are one node: no cut of fewer stands
    between them, and none ever will.
    """

    def __init__(self, cells: list[Cell]) -> None:
        # Nobody's answers need no protection, and give none.
        counted = [c for c in cells if c.people or c.is_small]
        counted.sort(key=lambda c: (-c.people, c.service_id, c.council_id))
        self.small = [c for c in counted if c.is_small]
        self.people: dict[_Line, int] = {}
        self.lines: dict[Cell, tuple[_Line, _Line]] = {}
        for cell in counted:
            self.lines[cell] = ("service", cell.service_id), ("customer", cell.council_id)
            for line in self.lines[cell]:
                self.people[line] = self.people.get(line, 0) + cell.people
        self.totals: set[_Line] = set()
        self.is_grand_hidden = False
        self.node = {line: line for line in self.people}
        # Of each node its cells: those that are hidden, and those that could be. In order.
        self.hidden: dict[_Line, dict[Cell, None]] = {line: {} for line in self.people}
        self.shown: dict[_Line, dict[Cell, None]] = {line: {} for line in self.people}
        for cell, lines in self.lines.items():
            for line in lines:
                (self.hidden if cell.is_small else self.shown)[line][cell] = None

    def places(self) -> Iterator[Place]:
        """Everything hidden, as places in the table."""
        cells = {cell for of_node in self.hidden.values() for cell in of_node}
        yield from ((c.service_id, c.council_id) for c in cells)
        for kind, name in self.totals:
            yield (name, None) if kind == "service" else (None, name)
        if self.is_grand_hidden:
            yield (None, None)

    def protect(self, cell: Cell) -> None:
        """Hide what it takes that no group of fewer than ten people with this cell is told."""
        while (reached := self._cut(cell)) is not None:
            self._hide_totals(cell, reached)
        self._join(*self.lines[cell])

    def _join(self, line: _Line, other: _Line) -> None:
        """Make one node of two."""
        stays, goes = self.node[line], self.node[other]
        if stays == goes:
            return
        for each, node in self.node.items():
            if node == goes:
                self.node[each] = stays
        self.hidden[stays] |= self.hidden.pop(goes)
        self.shown[stays] |= self.shown.pop(goes)

    def _cut(self, cell: Cell) -> set[_Line] | None:
        """Hide cells until ten can flow between this one's lines; None where they can.

        Else the nodes that are reached from its service when no more can flow.
        """
        start, end = (self.node[line] for line in self.lines[cell])
        used: dict[Cell, int] = {}
        besides: list[Cell] = []
        flow = 0
        while start != end and flow < settings.SMALLEST_GROUP:
            way, reached = self._way(start, end, used)
            if way is None:
                break
            room = [c.people - used.get(c, 0) for c, is_outward in way if is_outward]
            more = min(room, default=settings.SMALLEST_GROUP)
            for step, is_outward in way:
                used[step] = used.get(step, 0) + (more if is_outward else -more)
                nodes = [self.node[line] for line in self.lines[step]]
                if step in self.shown[nodes[0]]:
                    besides.append(step)
                    for node in nodes:
                        del self.shown[node][step]
                        self.hidden[node][step] = None
            flow += more
        # Each of these has ten people or more, who can flow between its own lines.
        for step in besides:
            self._join(*self.lines[step])
        return None if start == end or flow >= settings.SMALLEST_GROUP else reached

    def _way(
        self, start: _Line, end: _Line, used: dict[Cell, int]
    ) -> tuple[list[tuple[Cell, bool]] | None, set[_Line]]:
        """The way that hides the fewest answers more, by Dijkstra; None where there is none.

        Each step is a cell, and whether it leads outward: from service to customer. Also the nodes
        that were reached.
        """
        cost, came = {start: 0}, {}
        queue: list[tuple[int, int, _Line]] = [(0, 0, start)]
        reached: set[_Line] = set()
        while queue:
            so_far, _, node = heapq.heappop(queue)
            if node in reached:
                continue
            reached.add(node)
            if node == end:
                way = []
                while node != start:
                    step, is_outward, node = came[node]
                    way.append((step, is_outward))
                return way[::-1], reached
            for cells, is_shown in ((self.hidden[node], False), (self.shown[node], True)):
                for cell in cells:
                    service, customer = (self.node[line] for line in self.lines[cell])
                    is_outward = node == service
                    to = customer if is_outward else service
                    if to in reached or (is_outward and cell.people <= used.get(cell, 0)):
                        continue
                    # What is hidden already costs nothing more.
                    dearer = so_far + (cell.people if is_shown else 0)
                    if to not in cost or dearer < cost[to]:
                        cost[to], came[to] = dearer, (cell, is_outward, node)
                        heapq.heappush(queue, (dearer, len(came), to))
        return None, reached

    def _hide_totals(self, cell: Cell, reached: set[_Line]) -> None:
        """Hide two totals, the smallest that stand on either side of the cut; else all three.

        Where no line of the same kind is on the other side, the cell's own totals and the grand
        total have to go.
        """
        near = {line for line, node in self.node.items() if node in reached}
        pairs = [
            (sum(self.people[line] for line in {p, q} - self.totals), p, q)
            for p in near
            for q in self.people.keys() - near
            if p[0] == q[0]
        ]
        if pairs:
            self.totals |= set(min(pairs)[1:])
        else:
            self.totals |= set(self.lines[cell])
            self.is_grand_hidden = True
        # Lines whose totals are hidden stand together; without a grand total, of either kind.
        together: dict[str, _Line] = {}
        for line in sorted(self.totals):
            self._join(together.setdefault("" if self.is_grand_hidden else line[0], line), line)

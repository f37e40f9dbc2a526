"""What can be worked out of hidden cells from all that is shown of a survey, by linear programs.

Knows nothing of how figures are hidden: only rows that somebody was answered, and that numbers of
people are whole, none of them negative, and add up. So what it says is known, is known to anybody.
"""

import math
from collections.abc import Iterable
from datetime import date

import numpy as np
from scipy.optimize import linprog

SATISFIED = ("very_satisfied", "fairly_satisfied")
DISSATISFIED = ("fairly_dissatisfied", "very_dissatisfied")
OTHERS = ("neither", *DISSATISFIED)
ANSWERS = (*SATISFIED, *OTHERS)
# Whoever was invited gave one of five answers, did not know, or did not answer.
PARTS = (*ANSWERS, "dont_know", "unanswered")
# What is counted, of which parts.
COUNTS = {
    **{name: (name,) for name in (*ANSWERS, "dont_know")},
    "respondents": ANSWERS,
    "satisfied": SATISFIED,
    "not_satisfied": OTHERS,
    "dissatisfied": DISSATISFIED,
    "answered": (*ANSWERS, "dont_know"),
    "invited": PARTS,
}
# A place of a wave; None is all services, or all customers.
Place = tuple[str | None, str | None]
Interval = tuple[float, float]


class Wave:
    """One wave: its cells, and every figure of it that was told."""

    def __init__(self, cells: Iterable[Place]) -> None:
        self.cells = sorted(cells)
        self.column = {
            (cell, part): nth * len(PARTS) + at
            for nth, cell in enumerate(self.cells)
            for at, part in enumerate(PARTS)
        }
        self.told: dict[tuple[Place, str], float] = {}
        self._made: tuple[np.ndarray, np.ndarray] | None = None

    def tell(self, place: Place, figures: dict) -> None:
        """Take what one answer says of a place; figures that are null say nothing."""
        people = figures.get("respondents")
        share = figures.get("satisfied_share")
        said = {name: figures.get(name) for name in COUNTS}
        if people is not None and share is not None:
            said["satisfied"] = round(share * people)
        response = figures.get("response_share")
        assert response is None or figures["invited"] is not None
        for name, figure in said.items():
            if figure is not None:
                assert self.told.setdefault((place, name), figure) == figure

    def is_hidden(self, cell: Place) -> bool:
        """True where nothing is told of the cell itself."""
        return not any(place == cell for place, _ in self.told)

    def intervals(self, cell: Place) -> dict[str, Interval]:
        """Of each count of a cell, and of its share, the least and the most it can be."""
        found = {name: self.interval(cell, name) for name in COUNTS if name != "answered"}
        found["satisfied_share"] = tuple(self._best_share(cell, sign) for sign in (1, -1))
        return found

    def interval(self, cell: Place, name: str) -> Interval:
        """Of one count of a cell the least and the most it can be."""
        row = self._sum(cell, COUNTS[name])
        return tuple(self._whole(self._best(row, sign), sign) for sign in (1, -1))

    @staticmethod
    def _whole(bound: float, sign: int) -> float:
        """People come whole: from 0.2 to 1.7 is 1."""
        if math.isinf(bound):
            return bound
        return math.ceil(bound - 1e-6) if sign > 0 else math.floor(bound + 1e-6)

    def _sum(self, place: Place, parts: Iterable[str]) -> np.ndarray:
        row = np.zeros(len(self.column))
        for cell in self.cells:
            if place[0] in (None, cell[0]) and place[1] in (None, cell[1]):
                for part in parts:
                    row[self.column[cell, part]] += 1
        return row

    def _system(self) -> tuple[np.ndarray, np.ndarray]:
        """What is told as equations; the same is said by many figures, and once is enough."""
        if self._made is None:
            rows = [self._sum(place, COUNTS[name]) for place, name in self.told]
            # What is told of a part of a cell need not be asked for again.
            known = np.full(len(self.column), np.nan)
            for (place, name), figure in self.told.items():
                if None not in place and len(COUNTS[name]) == 1:
                    known[self.column[place, name]] = figure
                if None not in place and name == "invited" and (place, "answered") in self.told:
                    known[self.column[place, "unanswered"]] = figure - self.told[place, "answered"]
            self.is_free = np.isnan(known)
            equations = {}
            for row, figure in zip(rows, self.told.values(), strict=True):
                left = figure - row[~self.is_free] @ known[~self.is_free]
                assert equations.setdefault(row[self.is_free].tobytes(), left) == left
            free = int(self.is_free.sum())
            found = [np.frombuffer(row) for row in equations]
            self._made = (
                np.array(found).reshape(len(found), free),
                np.array(list(equations.values()), dtype=float),
            )
        return self._made

    def _best(self, wanted: np.ndarray, sign: int) -> float:
        rows, figures = self._system()
        wanted = wanted[self.is_free]
        found = linprog(sign * wanted, A_eq=rows, b_eq=figures, bounds=(0, None), method="highs")
        return _value(found, sign)

    def _best_share(self, cell: Place, sign: int) -> float:
        """A ratio by the transformation of Charnes and Cooper: all divided by the respondents."""
        rows, figures = self._system()
        satisfied = np.append(self._sum(cell, SATISFIED)[self.is_free], 0)
        people = np.append(self._sum(cell, ANSWERS)[self.is_free], 0)
        found = linprog(
            sign * satisfied,
            A_eq=np.vstack([np.hstack([rows, -figures[:, None]]), people]),
            b_eq=np.append(np.zeros(len(figures)), 1),
            bounds=(0, None),
            method="highs",
        )
        return _value(found, sign)


def _value(found: object, sign: int) -> float:
    if found.status == 3:
        return -sign * math.inf
    assert found.status == 0, found.message
    return sign * found.fun


def waves(trend: Iterable[dict]) -> tuple[dict[date, Wave], dict[date, set[Place]]]:
    """All waves of answers to `satisfaction_trend` and the like, and the cells hidden of each."""
    rows = list(trend)
    hidden: dict[date, set[Place]] = {}
    cells: dict[date, set[Place]] = {}
    for row in rows:
        place = row["service_id"], row["council_id"]
        if None not in place:
            cells.setdefault(row["month"], set()).add(place)
            if row["is_hidden"]:
                hidden.setdefault(row["month"], set()).add(place)
    found = {month: Wave(places) for month, places in cells.items()}
    for row in rows:
        place = row["service_id"], row["council_id"]
        found[row["month"]].tell(place, row)
        if row.get("month_before") is not None:
            before = {
                "respondents": row.get("respondents_before"),
                "satisfied_share": row.get("share_before"),
            }
            found[row["month_before"]].tell(place, before)
    return found, {month: hidden.get(month, set()) for month in found}

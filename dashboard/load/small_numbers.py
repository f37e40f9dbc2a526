"""Which survey figures small numbers forbid to show, so that none can be told from the rest.

Two things are hidden of a wave. Cells of fewer than ten answers are hidden whole, with what it
takes beside them (`suppression`); and of some places that are shown, how many gave each answer, did
not know and were invited (`answer_detail`). Together they leave of each small cell an interval:

- of its respondents to ten or more, and at least five wide: nobody can tell that it is small. That
  the upper bound reaches the threshold is the upper protection level that Hundepool and others
  (Statistical Disclosure Control, 2012, chapter 4) ask for a minimum frequency;
- of the satisfied at least five wide, half the threshold;
- of those who are not satisfied, and of each answer, at least two wide, so that none can be told
  from one more and one less: a sliding protection level of two (the same chapter, and the options
  of tau-Argus and sdcTable, whose own is one). Narrower, but never known, where a shown total holds
  no more: of 51 customers of whom one is not satisfied, each part has none or one.

Totals are of ten people or more, and may say of all of these that all are satisfied; so a total is
hidden only where no cell could otherwise be protected. `tests/test_small_numbers_bounds.py` checks
all of it from outside, by linear programs over everything that is shown.
"""

from collections.abc import Iterable
from datetime import date

import duckdb

from dashboard import settings
from dashboard.load.answer_detail import OTHERS, SATISFIED, not_broken_down
from dashboard.load.staging import insert
from dashboard.load.suppression import Cell, Place, Suppression

# One row for each cell of which it is known how many answered, in the order of Cell's fields.
_CELLS = f"""
select
    month,
    service_id,
    council_id,
    sum(respondents)::bigint as people,
    people < {settings.SMALLEST_GROUP} and (
        people > 0 or coalesce(sum(dont_know), 0) > 0
        or coalesce(sum(invited) between 1 and {settings.SMALLEST_GROUP - 1}, false)
    ) as is_small,
    round(sum(coalesce(satisfied, respondents * satisfied_share)))::bigint as satisfied,
    {{
        {", ".join(f"{name}: sum({name})::bigint" for name in (*SATISFIED, *OTHERS, "dont_know"))},
        unanswered: sum(invited - respondents - coalesce(dont_know, 0))::bigint
    }} as answers
from staging.answers
where respondents is not null
group by month, service_id, council_id
order by all
"""


def hide(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `staging.hidden_survey`: what must not be shown of `staging.answers`.

    Grain: one row per wave (month), service_id and council_id; null is all of them. `is_whole` is
    false where how many answered and how many are satisfied may be shown, and nothing else.
    Cells without a number of respondents are not looked at: nobody knows whose answers they are.
    """
    con.execute(
        "create or replace table staging.hidden_survey "
        "(month date, service_id varchar, council_id varchar, is_whole boolean)"
    )
    waves: dict[date, list[Cell]] = {}
    for month, *cell, answers in con.execute(_CELLS).fetchall():
        waves.setdefault(month, []).append(Cell(*cell, answers))
    found = []
    for month, cells in waves.items():
        whole, by_answer = hidden(cells)
        found += [(month, *place, True) for place in whole]
        found += [(month, *place, False) for place in by_answer]
    insert(con, "staging.hidden_survey", found)


def hidden(cells: list[Cell]) -> tuple[list[Place], list[Place]]:
    """What of one wave is to be hidden whole, and what by answer; the same for the same cells."""
    wave = Suppression(cells)
    return _in_order(wave.places()), _in_order(not_broken_down(wave))


def _in_order(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: tuple(part or "" for part in place))

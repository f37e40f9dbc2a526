"""Numbers as councils write them, in SQL: `£1,234.50`, `(1,234)`, `1,234-`, `95.4%`, `1.2m`."""

import re

from dashboard.load.contract import Field
from dashboard.load.sql import text_sql

# As most exports have it, and as it is cast.
_PLAIN = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?"

# With what people add: one sign before or behind or brackets, commas between thousands, per cent.
_DRESSED = r"[-+]?\(?[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?\)?-?%?"

# `bare` takes away what says nothing (pound sign, spaces, a typographer's minus); `plain` answers
# digits, point and sign of what `bare` left, or null where that is no number.
MACROS = f"""
create or replace temp macro bare(t) as
    translate(replace(replace(replace(t, '£', ''), ' ', ''), chr(160), ''), chr(8722), '-');
create or replace temp macro plain(b) as
    case
        when regexp_full_match(b, '{_PLAIN}') then b
        when not regexp_full_match(b, '{_DRESSED}') or not regexp_matches(b, '\\d') then null
        when contains(b, '(') != contains(b, ')') then null
        when length(b) - length(translate(b, '-+', '')) > 1 then null
        when contains(b, '(') or contains(b, '-') then '-' || translate(b, ',()%-', '')
        else translate(b, ',()%+', '')
    end;
"""

# A published figure is rounded at its last decimal, and so are the parts it is made of: the value
# has to lie within what the rounded parts allow.
RATIO_MACROS = """
create or replace temp macro half_of_last(x) as
    0.5 * pow(10, -coalesce(nullif(length(regexp_extract(x::varchar, '\\.(\\d*[1-9])', 1)), 0), 0));
create or replace temp macro multiplier_of(unit, n, d) as
    coalesce(n / coalesce(d, 1),
        case when unit = '%' then 100 when unit like 'per 1,000%' then 1000 else 1 end);
create or replace temp macro agrees(v, n, d, m) as
    v between (n - half_of_last(n)) / (d + half_of_last(d)) * m - half_of_last(v) - 1e-9
        and (n + half_of_last(n)) / greatest(d - half_of_last(d), 1e-12) * m
            + half_of_last(v) + 1e-9
"""


def bare_sql(f: Field, said: str) -> str:
    """SQL for a number's text without what says nothing, its decimals behind a point."""
    for mark, _ in _longest_first(f):
        said = f"regexp_replace({said}, {text_sql(_suffix(mark))}, '', 'i')"
    if f.decimal_char == "," and f.group_char == ".":
        # Swapped, so that thousands are still checked to stand where thousands stand.
        said = f"translate({said}, ',.', '.,')"
    elif f.decimal_char != "." or f.group_char not in (",", ""):
        said = (
            f"replace(replace({said}, {text_sql(f.group_char)}, ''), "
            f"{text_sql(f.decimal_char)}, '.')"
        )
    return f"bare({said})"


def typed_sql(f: Field, said: str, plain: str) -> str:
    """SQL for the typed value of a number field, null where the text is no such number.

    `said` is the text as it stands, `plain` what `bare_sql` and then the macro `plain` made of it.
    """
    times = _times(f, said)
    match f.kind:
        case "integer":
            whole = f"try_cast({plain} as double){times}"
            return f"case when {whole} = floor({whole}) then try_cast({whole} as bigint) end"
        case "number":
            return f"try_cast({plain} as double){times}"
        case "money":
            # Only the residue of a spreadsheet's binary fractions lies beyond the penny; where
            # thousands are published, rounding to the penny is meant.
            exact = f"try_cast({plain} as decimal(28,10)){times}"
            rounded = f"try_cast(round({exact}, 2) as decimal(18,2))"
            if times:
                return rounded
            return f"case when abs({exact} - round({exact}, 2)) < 0.0001 then {rounded} end"
    whole = f"try_cast({plain} as double)"
    return f"case when contains({said}, '%') then {whole} / 100 else {whole}{times} end"


def _times(f: Field, said: str) -> str:
    times = f" * {f.scale}" if f.scale else ""
    if f.suffixes:
        cases = " ".join(
            f"when regexp_matches({said}, {text_sql('(?i)' + _suffix(mark))}) then {factor:.0f}"
            for mark, factor in _longest_first(f)
        )
        times += f" * (case {cases} else 1 end)"
    return times


def _suffix(mark: str) -> str:
    return r"\s*" + re.escape(mark) + "$"


def _longest_first(f: Field) -> list[tuple[str, float]]:
    return sorted(f.suffixes, key=lambda pair: -len(pair[0]))

"""Numbers as councils write them, in SQL: `£1,234.50`, `(1,234)`, `1,234-`, `95.4%`, `1.2m`."""

import re

from dashboard.load.contract import PER_CENTS, Field
from dashboard.load.sql import text_sql

# One sign before or behind, or brackets; commas between thousands; per cent; or an exponent.
_DIGITS = r"[-+]?\(?[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?\)?-?"
_EXPONENT = r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d{1,3}"
_AMOUNT = f"{_DIGITS}|{_EXPONENT}"
_NUMBER = f"{_DIGITS}%?|{_EXPONENT}"


def _plain_macro(name: str, form: str) -> str:
    return rf"""
create or replace temp macro {name}(b) as
    case
        when not regexp_full_match(b, '{form}') then null
        when contains(b, '(') or contains(b, ')') or contains(b, '-') or contains(b, '+') then
            case
                when contains(lower(b), 'e') then b
                when contains(b, '(') != contains(b, ')') then null
                when length(translate(b, '-+', '')) < length(b) - 1 then null
                when contains(b, '(') or contains(b, '-') then '-' || translate(b, ',()%-', '')
                else translate(b, ',%+', '')
            end
        when contains(b, ',') or contains(b, '%') then replace(replace(b, ',', ''), '%', '')
        else b
    end;"""


# `bare` takes away what says nothing (pound sign, spaces, a typographer's minus); `plain` answers
# digits, point and sign of what `bare` left, or null where that is no number; `plain_amount` the
# same, and null for a per cent. Each asks first whether there is anything to do: for millions of
# plain numbers there is not.
MACROS = r"""
create or replace temp macro bare(t) as
    case
        when contains(t, ' ') or contains(t, chr(160)) or contains(t, chr(8722)) then
            -- A space between digits separates thousands, and has to stand where a comma would.
            translate(
                regexp_replace(
                    translate(t, chr(8722) || chr(160), '- '), '(\d) (\d)', '\1,\2', 'g'
                ),
                '£ ', ''
            )
        when contains(t, '£') then replace(t, '£', '')
        else t
    end;
"""
MACROS += _plain_macro("plain", _NUMBER) + _plain_macro("plain_amount", _AMOUNT) + "\n"

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
    elif f.decimal_char != "." or f.group_char != ",":
        # What is no mark of this column's becomes one that no number has.
        marks = {f.group_char: ",", f.decimal_char: "."}
        marks = {",": "#", ".": "#"} | marks
        said = f"translate({said}, {text_sql(''.join(marks))}, {text_sql(''.join(marks.values()))})"
    return f"bare({said})"


def exact_sql(f: Field, said: str, plain: str) -> str:
    """SQL for a number without binary fractions, for `typed_sql`: a step of its own, as it is asked
    for several times over. Null where the text is no number, and for kinds that want none.

    `said` is the text as it stands, `plain` what `bare_sql` and then the macro `plain` made of it.
    """
    times = _times(f, said)
    if f.kind == "integer" and f.name not in PER_CENTS:
        # Decimal, because binary fractions round what lies beyond 2 to the 53rd.
        return f"try_cast({plain} as decimal(38,10)){times}"
    if f.kind == "money" and f.name not in PER_CENTS:
        exact = f"try_cast({plain} as decimal({'28,10' if times else '18,4'})){times}"
        return f"case when {_is_shortened(plain)} then null else {exact} end"
    return "null"


def _is_shortened(plain: str) -> str:
    """SQL that is true of an amount as spreadsheets show one too wide for its column (1.2E+05): it
    has lost its pence, and what stands before them."""
    decimals = f"length(split_part(split_part({plain}, 'E+', 1), '.', 2))"
    return (
        f"case when contains({plain}, 'E+') "
        f"then {decimals} < try_cast(split_part({plain}, 'E+', 2) as integer) + 2 else false end"
    )


def typed_sql(f: Field, said: str, plain: str, exact: str) -> str:
    """SQL for the typed value of a number field, null where the text is no such number.

    `said` and `plain` are as for `exact_sql`, `exact` is what that made of them.
    """
    times = _times(f, said)
    if f.name in PER_CENTS:
        return _per_cent_sql(f, said, plain, times)
    match f.kind:
        case "integer":
            return f"case when {exact} = floor({exact}) then try_cast({exact} as bigint) end"
        case "number":
            return f"{_finite(plain)}{times}"
        case "money":
            # Only the residue of a spreadsheet's binary fractions lies beyond the penny; where
            # thousands are published, rounding to the penny is meant.
            if times:
                return f"try_cast(round({exact}, 2) as decimal(18,2))"
            return f"case when {exact} = round({exact}, 2) then round({exact}, 2) end"
    raise AssertionError(f"{f.name} is no number")


def plain_sql(f: Field, bare: str) -> str:
    """SQL for digits, point and sign of what `bare_sql` left: a per cent is no count or amount."""
    return f"plain({bare})" if f.name in PER_CENTS else f"plain_amount({bare})"


def sign_sql(f: Field, said: str) -> str:
    """SQL for how a figure that may be a per cent says so.

    `%` with its sign; `=` as the contract settles it (`scale`, `percent` as_is, a suffix of its
    own); `?` where the contract says that the column is mixed; null by nothing but the number.
    """
    if any("%" in mark for mark, _ in f.suffixes):
        return f"case when {said} is not null then '=' end"
    unsigned = "'='" if f.scale or f.percent == "as_is" else "null"
    unsigned = "'?'" if f.percent == "mixed" else unsigned
    return f"case when contains({said}, '%') then '%' when {said} is not null then {unsigned} end"


def _per_cent_sql(f: Field, said: str, plain: str, times: str) -> str:
    """A figure whose text may bear a sign, which says its scale itself: none is put on top.

    A share takes its unit here, in digits (58.4e-2), so that it is the very number 0.584; a figure
    of a measure takes it once its measure is known (`units`).
    """
    whole = _finite(plain)
    if any("%" in mark for mark, _ in f.suffixes):
        return f"{whole}{times}"
    if f.kind != "share":
        return f"case when contains({said}, '%') then {whole} else {whole}{times} end"
    per_cent = f"contains({said}, '%')"
    in_hundredths = _finite(f"({plain} || 'e-2')")
    if f.percent == "mixed":
        per_cent = f"({per_cent} or abs({whole}) > 1)"
    return f"case when {per_cent} then {in_hundredths} else {whole}{times} end"


def _finite(plain: str) -> str:
    """A number beyond what the machine can count to is no number, and not infinity."""
    value = f"try_cast({plain} as double)"
    return f"case when not isinf({value}) then {value} end"


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

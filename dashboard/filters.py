"""Shared filters. Each returns a plain value, lives in the URL, and keeps across pages.

The words in the URL are the words on the screen: `?service=ICT&councils=Bexley&period=2017/18`.
A word that the workspace does not know falls back to the default.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboard import words
from dashboard.exhibits import reference, reported, spending
from dashboard.method.financial_year import april_of, label, later, months_between
from dashboard.render import screen, text

ALL_SERVICES = "All services"
_ALL, _CHOOSE = "All", reference.CHOOSE_MONTHS
# More choices than this are a list to pick from, not buttons.
_PILLS_UP_TO = 8


@dataclass(frozen=True)
class Months:
    """First and last month, inclusive, first of the month."""

    first: date
    last: date

    def span(self) -> dict[str, date]:
        """As the parameters that exhibits take."""
        return {"from_month": self.first, "to_month": self.last}


@dataclass(frozen=True)
class _Chip:
    """A restriction in force: what it says, which filter it is of, and what takes it away."""

    says: str
    filter: str
    remove: Callable[[], None]


# What the filters of the row that is being drawn restrict.
_in_force: ContextVar[list[_Chip] | None] = ContextVar("in_force", default=None)
# What is to be said of an address that asked for what is not there.
_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def row() -> Iterator[None]:
    """Filters side by side, wrapping on a phone; beneath, a chip to remove each restriction."""
    chips: list[_Chip] = []
    notes: list[str] = []
    token, noted = _in_force.set(chips), _notes.set(notes)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        yield
    _in_force.reset(token)
    _notes.reset(noted)
    _chips(chips)
    for note in notes:
        screen.say(note)


def choose(first: date | None, last: date, council_id: str | None) -> None:
    """Set the filters to what was chosen in a chart; for a callback, before any widget is drawn.

    A stretch of months; without a first month the twelve to the last. A council alone, where it
    is known and the page has councils to filter by. Months beyond the workspace's are left out.
    """
    about = reference.workspace()
    begins, newest = about["first_month"], about["newest_month"]
    if begins is None:
        return
    last = min(max(last.replace(day=1), begins), newest)
    first = min(max((first or later(last, -11)).replace(day=1), begins), last)
    named = _stretches(begins, newest)
    period = next((n for n, m in named.items() if m == Months(first, last)), _CHOOSE)
    st.session_state["period"] = period
    if period == _CHOOSE:
        st.session_state["from"] = words.month(first)
        st.session_state["to"] = words.month(last)
    name = reference.council_names("council", "staff").get(council_id)
    if name and "councils" in st.session_state:
        st.session_state["councils"] = [name]


def service() -> str:
    """One service, by id; the first where none is chosen."""
    return _one("Service", _with_measures(), width=300)


def service_of_measure() -> str:
    """One service, by id, for a page of one measure.

    Where the address names a measure and no service that is known, it is the one whose series of
    the measure is shown unasked: its own, or the first that reports it.
    """
    names = _with_measures()
    asked, label = _asked("service"), _asked("measure")
    wanted = next((m for m, of in reference.measures().items() if of["label"] == label), None)
    unasked = reported.home(wanted) if wanted else None
    chosen = _one("Service", names, width=300, unasked=unasked if unasked in names else None)
    if asked and asked not in names.values():
        _note(f"No service “{asked}” reports a measure here: {names[chosen]} is shown.")
    elif wanted and asked and wanted not in reported.measures_of(chosen):
        who = words.listing([names[s] for s in reported.reporting(wanted) if s in names])
        _note(f"{names[chosen]} does not report “{label}”; {who or 'nobody'} does.")
    return chosen


def _with_measures() -> dict[str, str]:
    names, some = reference.service_names(), reported.services_with_measures()
    return {i: n for i, n in names.items() if i in some} or names


def _asked(key: str) -> str:
    """What the address asks of a filter that this reader has not used yet; else nothing."""
    return "" if key in st.session_state else st.query_params.get(key, "")


def _note(says: str) -> None:
    notes = _notes.get()
    if notes is not None:
        notes.append(text.as_label(says))


def service_or_all() -> str | None:
    """One service, by id, or None for all."""
    return _or_all("Service", reference.service_names(), width=300, all_=ALL_SERVICES)


def council() -> str:
    """One council, by id; the first where none is chosen."""
    return _one("Council", reference.council_names("council"), width=260)


def councils(*, customers: bool = False) -> tuple[str, ...]:
    """Councils by id, all where none is chosen; with oneSource's staff where they are customers."""
    names = (
        reference.council_names("council", "staff")
        if customers
        else (reference.council_names("council"))
    )
    options = list(names.values())
    if len(options) <= _PILLS_UP_TO:
        chosen = st.pills(
            "Councils",
            options,
            selection_mode="multi",
            format_func=text.as_option,
            key="councils",
            bind="query-params",
            help="None chosen means all",
        )
    else:
        chosen = st.multiselect(
            "Councils",
            options,
            key="councils",
            bind="query-params",
            placeholder="All councils",
            width=420,
        )
    ids = _ids(names)
    known = sorted((ids[c] for c in chosen if c in ids), key=list(names).index)
    for council_id in known:
        rest = [names[c] for c in known if c != council_id]
        remove = functools.partial(st.session_state.update, councils=rest)
        _restricts(names[council_id], "councils", remove)
    return tuple(known) or tuple(names)


def measure(service_id: str) -> str | None:
    """One measure of a service, by id; None where the service has none."""
    labels = reported.measures_of(service_id)
    return _one("Measure", labels, width=420) if labels else None


def period_kind(
    measure_id: str | None, service_id: str, council_ids: tuple[str, ...]
) -> str | None:
    """The kind of period whose figures are drawn; None, the main one, where it has but one."""
    kinds = reported.kinds(measure_id, service_id, council_ids) if measure_id else ()
    if len(kinds) < 2:
        return None
    by = {k: reported.by(k) for k in kinds}
    key = reported.FIGURES
    chosen = st.selectbox(
        "Figures",
        list(by.values()),
        index=None,
        placeholder=by[kinds[0]],
        key=key,
        bind="query-params",
        width=200,
        help="Months and quarters are never one line",
    )
    if chosen in by.values():
        _restricts(
            f"figures {chosen}", key, functools.partial(st.session_state.update, {key: None})
        )
    return _ids(by).get(chosen)


def unit(units: list[str]) -> str | None:
    """One of the units that a service counts its work in; None, the main one, where it has one."""
    return _one("Unit", {u: u for u in units}, width=260) if len(units) > 1 else None


def months(*, newest_year_of: str | None = None) -> Months:
    """A stretch of months: all, the last year or two, a financial year, or from month to month.

    Where none is chosen it is all, or the newest financial year of a feed that is there.
    """
    about = reference.workspace()
    first, newest = about["first_month"], about["newest_month"]
    if first is None:
        return Months(date(2000, 4, 1), date(2000, 4, 1))
    stretches = _stretches(first, newest)
    unasked = _ALL
    if newest_year_of:
        unasked = label(april_of(reference.feed(newest_year_of)["last_month"] or newest))
    chosen = st.selectbox(
        "Period",
        [*stretches, _CHOOSE],
        # As in `_one`: a year that stands in an address must not be the default.
        index=None if newest_year_of else 0,
        placeholder=unasked,
        key="period",
        bind="query-params",
        width=190,
        help="Financial years run April to March",
    )
    remove = functools.partial(st.session_state.update, period=None if newest_year_of else _ALL)
    if chosen == _CHOOSE:
        found = _chosen_months(first, newest)
        _restricts(words.months(found.first, found.last), "period", remove)
        return found
    # What `choose` sets gets into the address only where Streamlit has known its key before.
    st.session_state.setdefault("from", words.month(first))
    st.session_state.setdefault("to", words.month(newest))
    if chosen in stretches and chosen != _ALL:
        _restricts(chosen, "period", remove)
    return stretches.get(chosen or unasked, stretches[_ALL])


def _stretches(first: date, newest: date) -> dict[str, Months]:
    """The stretches of a workspace's months that have a name."""
    years = range(april_of(newest).year, april_of(first).year - 1, -1)
    return {
        _ALL: Months(first, newest),
        **{f"Last {n} months": Months(later(newest, 1 - n), newest) for n in (12, 24)},
        **{
            label(date(y, 4, 1)): Months(max(date(y, 4, 1), first), min(date(y + 1, 3, 1), newest))
            for y in years
        },
    }


def cost_type() -> str | None:
    """One cost type, by its text, or None for all; nothing is asked where there is but one."""
    types = reference.cost_types()
    return _or_all("Cost type", types, width=230) if len(types) > 1 else None


def budget() -> str | None:
    """One block of the budgets, or None for all; nothing is asked where they are not told apart."""
    blocks = reference.budget_blocks()
    return _or_all("Budget", blocks, width=170, all_="Both") if blocks else None


def split(**fixed: str | None) -> str | None:
    """What figures are split by: a column of the costs that is not fixed already; None as usual."""
    ways = {
        "service_id": "Service",
        "council_id": "Council",
        "cost_type": "Cost type",
        **({"budget_block": "Shared or not"} if reference.budget_blocks() else {}),
    }
    left = {column: said for column, said in ways.items() if fixed.get(column) is None}
    return _or_all("Split by", left, width=170, key="by", all_="As usual")


def supplier() -> str | None:
    """One supplier, or None for all: the largest to pick from, and any other by its address."""
    largest = spending.supplier_names()
    asked = st.session_state.get("supplier") or st.query_params.get("supplier")
    if asked and asked not in largest.values() and spending.is_supplier(asked):
        largest |= {asked: asked}
    return _or_all("Supplier", largest, width=300) if largest else None


def since(last: date) -> date:
    """The first month of the stretch that is looked at for change, which ends with `last`."""
    met = [m for m in reference.committees() if m <= last]
    stretches = {
        "This month": last,
        "This quarter": later(last, -((last.month - 1) % 3)),
        "Year to date": april_of(last),
        # Yearly figures come late: those of one year are news in the next.
        "Last 24 months": later(last, -23),
        **({"Since the last committee": met[-1]} if met else {}),
    }
    chosen = st.selectbox(
        "What changed",
        list(stretches),
        index=None,
        placeholder="Year to date",
        key="changed",
        bind="query-params",
        width=230,
        help="Which months are looked at for change; the last is the last of the period",
    )
    return stretches.get(chosen, stretches["Year to date"])


@dataclass(frozen=True)
class WhatIf:
    """What is to be different in a scenario; nothing where basis and council_id are None."""

    basis: str | None
    council_id: str | None
    leaves: bool
    quarters: int

    def parameters(self) -> dict[str, str | bool | int | None]:
        """As the parameters that exhibits take."""
        return {
            "basis": self.basis,
            "council_id": self.council_id,
            "leaves": self.leaves,
            "quarters": self.quarters,
        }


# In words that a link can say: ?basis=Equal parts&who=Bexley leaves&moves=Half of its part
_BASES = {"Volume of work": "volume", "Headcount": "headcount", "Equal parts": "equal"}
_MOVES = {"A quarter of it": 1, "Half of it": 2, "Three quarters of it": 3, "All of it": 4}


def what_if() -> WhatIf:
    """Another basis on which costs are shared, and one council that leaves or joins."""
    basis = st.selectbox(
        "What if costs were shared by",
        list(_BASES),
        index=None,
        placeholder="As agreed",
        key="basis",
        bind="query-params",
        width=240,
        help="A scenario: it changes no data, and its address can be sent",
    )
    moves = {
        f"{name} {verb}": (council_id, verb == "leaves")
        for verb in ("leaves", "joins")
        for council_id, name in reference.council_names("council").items()
    }
    who = st.selectbox(
        "What if a council left or joined",
        list(moves),
        index=None,
        placeholder="Councils as today",
        key="who",
        bind="query-params",
        width=260,
    )
    council_id, leaves = moves.get(who, (None, True))
    chosen = (
        st.selectbox(
            "Its cost that goes or comes with it",
            list(_MOVES),
            index=None,
            placeholder="None of it",
            key="moves",
            bind="query-params",
            width=260,
            help="None: the services cost what they cost now, whoever takes part. All: the others "
            "pay no more and no less",
        )
        if council_id
        else None
    )
    return WhatIf(_BASES.get(basis), council_id, leaves, _MOVES.get(chosen, 0))


def part(count: int, size: int, what: str) -> int:
    """Where to begin in a list too long for one figure; 0 where it all fits."""
    if count <= size:
        return 0
    starts = {f"{i + 1} to {min(i + size, count)}": i for i in range(0, count, size)}
    label = f"{text.as_label(what)} (of {count})"
    return starts[st.selectbox(label, list(starts), key="part", bind="query-params", width=170)]


def feed() -> str | None:
    """One feed of the workspace, by id, or None for all."""
    feeds = reference.feeds_present()
    chosen = st.selectbox(
        "Feed",
        feeds,
        index=None,
        placeholder="All feeds",
        key="feed",
        bind="query-params",
        width=240,
    )
    return chosen if chosen in feeds else None


def set_aside(kinds: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """A file with rows set aside, and a kind of reason; None for all. Nothing where none was."""
    if not kinds:
        return None, None
    files = list(dict.fromkeys(file for file, _ in kinds))
    file = st.selectbox(
        "File",
        files,
        index=None,
        placeholder="All files",
        key="file",
        bind="query-params",
        width=360,
    )
    reasons = list(dict.fromkeys(rule for f, rule in kinds if file in (None, f)))
    rule = st.selectbox(
        "Reason",
        reasons,
        index=None,
        placeholder="All reasons",
        key="reason",
        bind="query-params",
        width=420,
    )
    return (file if file in files else None), (rule if rule in reasons else None)


def resource(names: list[str]) -> str:
    """One resource of the contract; the first where none is chosen."""
    return _one("Contract", {n: n for n in names}, width=260)


def _chosen_months(first: date, newest: date) -> Months:
    dates = {
        words.month(later(newest, -n)): later(newest, -n)
        for n in range(months_between(first, newest) + 1)
    }
    # Each begins with its default: Streamlit warns where code sets a widget whose default is not
    # its first option.
    start = dates[
        st.selectbox("From", list(reversed(dates)), key="from", bind="query-params", width=180)
    ]
    end = dates[st.selectbox("To", list(dates), key="to", bind="query-params", width=180)]
    return Months(min(start, end), max(start, end))


def _restricts(says: str, name: str, remove: Callable[[], None]) -> None:
    chips = _in_force.get()
    if chips is not None:
        chips.append(_Chip(says, name, remove))


def _chips(chips: list[_Chip]) -> None:
    """A button for each restriction; its name says that it removes it, its face what."""
    if not chips:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chips"):
        st.html('<span class="os-source">Showing only</span>', width="content")
        for chip in chips:
            st.button(
                f":gray[Remove filter:] {text.as_label(chip.says)}",
                icon=":material/close:",
                icon_position="right",
                key=f"chip-{chip.filter}-{chip.says}",
                on_click=chip.remove,
            )
        if len(chips) > 1:
            st.button("Clear all", type="tertiary", key="chip-all", on_click=_clear, args=(chips,))


def _clear(chips: list[_Chip]) -> None:
    for chip in {c.filter: c for c in chips if c.filter != "councils"}.values():
        chip.remove()
    if any(c.filter == "councils" for c in chips):
        st.session_state["councils"] = []


def _one(label: str, names: dict[str, str], width: int, *, unasked: str | None = None) -> str:
    """One of the names, by id; where none is chosen `unasked` or the first, as the placeholder.

    None is the widget's default, so that a name in an address is never the default: Streamlit
    takes a default out of the address again, and "back" would then need two presses.
    """
    first = unasked or next(iter(names))
    chosen = st.selectbox(
        label,
        list(names.values()),
        index=None,
        placeholder=names[first],
        key=label.lower(),
        bind="query-params",
        width=width,
    )
    return _ids(names).get(chosen, first)


def _or_all(
    label: str, names: dict[str, str], width: int, *, key: str = "", all_: str = "All"
) -> str | None:
    """One of the names, by id, or None for all."""
    key = key or label.lower().replace(" ", "_")
    chosen = st.selectbox(
        label,
        list(names.values()),
        index=None,
        placeholder=all_,
        key=key,
        bind="query-params",
        width=width,
    )
    # What figures are split by leaves nothing out.
    if chosen in names.values() and key != "by":
        _restricts(chosen, key, functools.partial(st.session_state.update, {key: None}))
    return _ids(names).get(chosen)


def _ids(names: dict[str, str]) -> dict[str, str]:
    return {name: i for i, name in names.items()}

"""Shared filters. Each returns a plain value, lives in the URL, and keeps across pages.

The words in the URL are the words on the screen: `?service=ICT&councils=Bexley&period=2017/18`.
A word that the workspace does not know falls back to the default.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboard import words
from dashboard.exhibits import reference, spending

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


@contextmanager
def row() -> Iterator[None]:
    """Filters side by side, wrapping on a phone."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        yield


def service() -> str:
    """One service, by id; the first where none is chosen."""
    names = reference.service_names()
    with_measures = {m["service_id"] for m in reference.measures().values()}
    shown = {i: n for i, n in names.items() if i in with_measures} or names
    return _one("Service", shown, width=300)


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
    return tuple(sorted((ids[c] for c in chosen if c in ids), key=list(names).index)) or tuple(
        names
    )


def measure(service_id: str) -> str | None:
    """One measure of a service, by id; None where the service has none."""
    labels = {
        i: m["label"] for i, m in reference.measures().items() if m["service_id"] == service_id
    }
    return _one("Measure", labels, width=420) if labels else None


def months() -> Months:
    """A stretch of months: all, the last year or two, a financial year, or from month to month."""
    about = reference.workspace()
    first, newest = about["first_month"], about["newest_month"]
    if first is None:
        return Months(date(2000, 4, 1), date(2000, 4, 1))
    years = list(range(_year(newest), _year(first) - 1, -1))
    labels = {f"{y}/{(y + 1) % 100:02d}": Months(date(y, 4, 1), date(y + 1, 3, 1)) for y in years}
    lasts = {f"Last {n} months": Months(_back(newest, n - 1), newest) for n in (12, 24)}
    chosen = st.selectbox(
        "Period",
        [_ALL, *lasts, *labels, _CHOOSE],
        key="period",
        bind="query-params",
        width=190,
        help="Financial years run April to March",
    )
    if chosen == _CHOOSE:
        return _chosen_months(first, newest)
    if chosen in labels:
        year = labels[chosen]
        return Months(max(year.first, first), min(year.last, newest))
    return lasts.get(chosen, Months(first, newest))


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
        "This quarter": _back(last, (last.month - 1) % 3),
        "Year to date": date(_year(last), 4, 1),
        # Yearly figures come late: those of one year are news in the next.
        "Last 24 months": _back(last, 23),
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


def part(count: int, size: int, what: str) -> int:
    """Where to begin in a list too long for one figure; 0 where it all fits."""
    if count <= size:
        return 0
    starts = {f"{i + 1} to {min(i + size, count)}": i for i in range(0, count, size)}
    return starts[
        st.selectbox(
            f"{what} (of {count})", list(starts), key="part", bind="query-params", width=170
        )
    ]


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
    every = [words.month(_back(newest, n)) for n in range(_between(first, newest) + 1)]
    dates = {
        words.month(_back(newest, n)): _back(newest, n) for n in range(_between(first, newest) + 1)
    }
    start = dates[
        st.selectbox(
            "From", every, index=len(every) - 1, key="from", bind="query-params", width=180
        )
    ]
    end = dates[st.selectbox("To", every, key="to", bind="query-params", width=180)]
    return Months(min(start, end), max(start, end))


def _one(label: str, names: dict[str, str], width: int) -> str:
    """One of the names, by id; the first, shown as the placeholder, where none is chosen.

    None is the widget's default, so that a name in an address is never the default: Streamlit
    takes a default out of the address again, and "back" would then need two presses.
    """
    first = next(iter(names))
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
    chosen = st.selectbox(
        label,
        list(names.values()),
        index=None,
        placeholder=all_,
        key=key or label.lower().replace(" ", "_"),
        bind="query-params",
        width=width,
    )
    return _ids(names).get(chosen)


def _ids(names: dict[str, str]) -> dict[str, str]:
    return {name: i for i, name in names.items()}


def _year(month: date) -> int:
    return month.year if month.month >= 4 else month.year - 1


def _between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _back(month: date, by: int) -> date:
    count = month.year * 12 + month.month - 1 - by
    return date(count // 12, count % 12 + 1, 1)

"""What each council truly costs, step by step, and who would pay what if costs were shared anew.

Table `true_costs` and docs/methods.md ("True cost") say how it is worked out.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashboard import words
from dashboard.exhibits import due, reference
from dashboard.exhibits.charts import Bar, Bars
from dashboard.exhibits.exhibit import Cell, Exhibit, Finding, Link, Provenance, Table, exhibit
from dashboard.method import sharing
from dashboard.method.sharing import Outcome, Scenario
from dashboard.warehouse import fetch

# Councils whose steps are drawn one by one; of more, what was booked and the true cost.
_STEPPED_UP_TO = 4
# Services named where the ledger says otherwise, before the rest are counted.
_NAMED = 3

# The steps from what was booked to the true cost, as columns and as rows of a chart.
_STEPS = {
    "direct_gbp": ("Direct cost", "direct cost"),
    "income_gbp": ("Income", "income"),
    "recharges_gbp": ("Recharges", "recharges"),
    "booked_gbp": ("Booked", "booked"),
    "correction_gbp": ("To its cost share", "cost share"),
    "overheads_gbp": ("Overheads", "overheads"),
    "true_cost_gbp": ("True cost", "true cost"),
}
# Of them, those that are drawn from zero: where a council's steps begin, and what they come to.
_SUMS = ("direct_gbp", "booked_gbp", "true_cost_gbp")

# How a basis reads behind "shared", and in a table.
BASES = {
    sharing.VOLUME: "by volume of work",
    sharing.HEADCOUNT: "by headcount",
    sharing.EQUAL: "equally",
}
_QUARTERS = ("None", "A quarter", "Half", "Three quarters", "All")


@exhibit
def steps(
    *, service_id: str | None, council_ids: tuple[str, ...], from_month: date, to_month: date
) -> Finding:
    """From what was booked to the true cost of each council, of one service or of all."""
    rows, whole = _standing(service_id, council_ids, from_month, to_month, "council_id")
    what = reference.service_names()[service_id] if service_id else "All services"
    if not rows or whole is None:
        return _nothing(f"{what}: true cost")
    if lacks := _lacks(service_id, from_month, to_month):
        return _not_known(f"{what}: true cost", lacks)
    names = reference.council_names()
    span = _span(council_ids, from_month, to_month)
    title = _of_service(what, whole) if service_id else _of_councils(rows, names)
    return Finding(
        title=title,
        subtitle=f"{what}, {span}, by council. {_adds_up(service_id, from_month, to_month)} "
        "Minus is what is taken off: income, and what others bear.",
        alt=f"{title}. Bars, one for each step.",
        chart=_stepped(rows, names)
        if len(rows) <= _STEPPED_UP_TO
        else _compared(rows, names, "council_id"),
        table=_table(f"{what}: true cost step by step, {span}", "council_id", rows, whole),
        provenance=_provenance(),
    )


@exhibit
def by_service(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Finding:
    """What was booked and the true cost of each service, for the councils chosen together."""
    rows, whole = _standing(None, council_ids, from_month, to_month, "service_id")
    if not rows or whole is None:
        return _nothing("True cost by service")
    if lacks := _lacks(None, from_month, to_month):
        return _not_known("True cost by service", lacks)
    names = reference.service_names()
    span = _span(council_ids, from_month, to_month)
    costliest = max(rows, key=lambda r: r["true_cost_gbp"])
    title = (
        f"{names[costliest['service_id']]} truly costs most: "
        f"{words.pounds(costliest['true_cost_gbp'])}"
    )
    given = [r for r in rows if r["overheads_gbp"] < 0]
    if given:
        title += (
            f"; {words.listing([names[r['service_id']] for r in given])} "
            f"({words.pounds(-sum(r['overheads_gbp'] for r in given))}) "
            f"{'is' if len(given) == 1 else 'are'} borne by the services that they support"
        )
    return Finding(
        title=title,
        subtitle=f"{span}, by service, the chosen councils together. Overheads are shared in "
        "proportion to each service's shared direct cost.",
        alt=f"{title}. Bars of true cost, with a mark where it was booked.",
        chart=_compared(rows, names, "service_id"),
        table=_table(f"True cost by service, {span}", "service_id", rows, whole),
        provenance=_provenance(),
    )


@exhibit
def agreed_shares(*, service_id: str | None, from_month: date, to_month: date) -> Finding:
    """The cost shares that are agreed, with their source, and what each council bears by them."""
    agreed = fetch(
        "cost_shares", service_id=service_id, from_month=from_month, to_month=to_month
    ).rows()
    services, councils = reference.service_names(), reference.council_names()
    what = services[service_id] if service_id else "All services"
    today = _today(from_month, to_month)[0]
    borne = {c: p for c, p in _borne(today, service_id).items() if p}
    if not agreed or not borne:
        return Finding(
            title=f"{what}: cost shares",
            empty="No cost share is known for the service and time chosen, so that costs stand as "
            "they were booked: choose another service or time, or add a feed named “cost_shares”.",
        )
    if lacks := _lacks(service_id, from_month, to_month):
        return _not_known(f"{what}: cost shares", lacks)
    span = words.months(from_month, to_month)
    drawn = sorted(borne, key=lambda c: (-borne[c], list(councils).index(c)))
    pool = sum(borne.values())
    if service_id:
        year = agreed[0]["financial_year"]
        newest = sorted(
            (r for r in agreed if r["financial_year"] == year), key=lambda r: -r["share"]
        )
        said = words.listing([f"{_percent(r)} {councils[r['council_id']]}" for r in newest])
        title = f"As agreed, {what} is shared {said} ({year.replace('-', '/')})"
    else:
        said = words.listing([f"{_part(borne[c], pool)} by {councils[c]}" for c in drawn])
        title = f"As agreed, the shared cost of {words.pounds(_pounds(pool))} is borne {said}"
    sources = dict.fromkeys(r["source"] for r in agreed if r["source"])
    return Finding(
        title=title,
        subtitle=f"Shared cost that each council bears, with overheads, {span}. Each service has "
        "shares of its own: the table has them as agreed, year by year, with their source.",
        alt=f"{title}. Bars, one a council.",
        chart=Bars(
            categories=tuple(councils[c] for c in drawn),
            notes=tuple(
                f"{words.pounds(_pounds(borne[c]))}, {_part(borne[c], pool)}" for c in drawn
            ),
            bars=(
                Bar(
                    "Shared cost borne",
                    "actual",
                    tuple(float(_pounds(borne[c])) for c in drawn),
                    tuple(words.pounds_exact(_pounds(borne[c])) for c in drawn),
                ),
            ),
            unit="£",
        ),
        table=_agreed_table(f"{what}: cost shares as agreed", agreed, today),
        provenance=Provenance(
            source=words.listing([s for s in sources if s]),
            data_version=reference.workspace()["data_version"],
            is_illustrative=any(r["is_illustrative"] for r in agreed)
            or reference.feed(_feed())["is_illustrative"],
            notes=("Shares without a source in the table are illustrative",)
            if sources and any(r["is_illustrative"] for r in agreed)
            else (),
        ),
    )


@exhibit
def scenario(
    *,
    service_id: str | None,
    basis: str | None,
    council_id: str | None,
    leaves: bool,
    quarters: int,
    from_month: date,
    to_month: date,
) -> Finding:
    """Who would pay what of the shared cost if it were shared otherwise, against today.

    quarters: how much of its cost goes or comes with the council that leaves or joins, 0 to 4.
    Always every council of the service: what one saves another pays.
    """
    asked = Scenario(basis, council_id, leaves, quarters)
    services, councils = reference.service_names(), reference.council_names()
    everything, own = _today(from_month, to_month)
    today = {k: v for k, v in everything.items() if service_id in (None, k[0])}
    entry = sharing.usual_share(everything, council_id) if council_id and not leaves else None
    after = sharing.played(today, asked, _volumes(from_month, to_month), entry)
    before = sharing.played(today, Scenario(), {})
    what = services[service_id] if service_id else "all services"
    if not before.pence:
        return Finding(
            title=f"Scenario for {what}",
            empty="No shared cost is known for the service and time chosen: choose another.",
        )
    if lacks := _lacks(service_id, from_month, to_month):
        return _not_known(f"Scenario for {what}", lacks)
    span = words.months(from_month, to_month)
    # Who takes part is not called different where it comes out the same: the subtitle says why.
    shown = replace(asked, council_id=None) if basis and not _moves(asked, before, after) else asked
    told = _told(shown, councils)
    now, then = _by_council(before), _by_council(after)
    order = list(councils)
    drawn = sorted(
        {**now, **then}, key=lambda c: (-max(now.get(c, 0), then.get(c, 0)), order.index(c))
    )
    title = f"Scenario for {what}, {told}: {_changes(now, then, shown, councils)}"
    return Finding(
        title=title,
        subtitle=f"Scenario: shared cost with overheads, {span}, every council of "
        f"{'the service' if service_id else 'each service'}. "
        + " ".join(
            [_explained(asked, before, after, entry, councils), *_stays(after, today, services)]
        ),
        alt=f"{title}. Bars of the scenario, with a mark for today.",
        chart=_drawn(drawn, now, then, told, councils),
        table=_scenario_table(
            f"Scenario for {what}, {told}, {span}: shared cost against today",
            told,
            asked,
            (before, after),
            own,
            (from_month, to_month),
        ),
        provenance=_provenance("Scenario: no data is changed"),
    )


def where_any(**asked: Any) -> list[Exhibit]:
    """The scenario asked for, as `scenario` takes it; none where nothing is to be different."""
    return [scenario(**asked)] if asked["basis"] or asked["council_id"] else []


# True cost


def _standing(
    service_id: str | None,
    council_ids: tuple[str, ...],
    from_month: date,
    to_month: date,
    by: str,
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Rows by service or by council, largest first, and the row of them together."""
    found = fetch(
        "true_costs",
        service_id=service_id,
        council_ids=council_ids,
        from_month=from_month,
        to_month=to_month,
    ).rows()
    other = "council_id" if by == "service_id" else "service_id"
    rows = [r for r in found if r[by] is not None and r[other] is None]
    whole = next((r for r in found if r[by] is None and r[other] is None), None)
    names = reference.council_names() if by == "council_id" else reference.service_names()
    order = list(names)
    return sorted(rows, key=lambda r: (-r["true_cost_gbp"], order.index(r[by]))), whole


def _nothing(title: str) -> Finding:
    return Finding(
        title=title,
        empty="No cost was reported in the time and for the councils chosen: choose a longer time "
        "or more councils.",
    )


def _span(council_ids: tuple[str, ...], from_month: date, to_month: date) -> str:
    up_to = due.up_to(council_ids, to_month)
    return words.months(from_month, to_month) + (f", {up_to}" if up_to else "")


def _lacks(service_id: str | None, from_month: date, to_month: date) -> str:
    """What keeps a true cost from being known; of all councils, as they share it."""
    span = {"from_month": from_month, "to_month": to_month}
    if not fetch("true_costs_lacking", service_id=service_id, **span).rows():
        return ""
    every = tuple(reference.council_names())
    # Where it is no cost of its own, it is one of the services that it bears overheads with.
    return due.lacking(service_id, every, **span) or due.lacking(None, every, **span)


def _not_known(title: str, lacks: str) -> Finding:
    return Finding(
        title=f"{title} is not known",
        empty=f"{lacks}, so that nothing can be shared out: choose other months, or a service that "
        "is whole.",
    )


def _of_councils(rows: list[dict[str, Any]], names: dict[str, str]) -> str:
    """What was booked, and the council whose true cost is furthest from it."""
    row = max(rows, key=lambda r: _relative(r["true_cost_gbp"] - r["booked_gbp"], r["booked_gbp"]))
    name, gap = names[row["council_id"]], row["true_cost_gbp"] - row["booked_gbp"]
    if abs(gap) < 1:
        return f"{name} is booked what it truly costs, {words.pounds(row['booked_gbp'])}" + (
            ", and so is every other council" if len(rows) > 1 else ""
        )
    title = (
        f"{name} is booked {words.pounds(row['booked_gbp'])} and truly costs "
        f"{words.pounds(row['true_cost_gbp'])}: "
    )
    overheads, correction = row["overheads_gbp"], row["correction_gbp"]
    if abs(overheads) >= abs(correction):
        return title + (
            f"it bears {words.pounds(overheads)} of overheads that it is not charged for"
            if overheads > 0
            else f"{words.pounds(-overheads)} of the overheads it is charged for serve others"
        )
    return title + (
        f"by its cost shares it bears {words.pounds(abs(correction))} "
        f"{'more' if correction > 0 else 'less'} than was booked"
    )


def _of_service(name: str, whole: dict[str, Any]) -> str:
    booked, overheads = whole["booked_gbp"], whole["overheads_gbp"]
    if overheads < 0:
        return (
            f"{name} is booked {words.pounds(booked)}, of which {words.pounds(-overheads)} "
            "is borne by the services that it supports"
        )
    title = f"{name} is booked {words.pounds(booked)} and truly costs "
    title += words.pounds(whole["true_cost_gbp"])
    return title + (f", {words.pounds(overheads)} of it overheads" if overheads > 0 else "")


def _relative(gap: Decimal, of: Decimal) -> float:
    return float(abs(gap)) / max(float(abs(of)), 1)


def _adds_up(service_id: str | None, from_month: date, to_month: date) -> str:
    """That true cost adds up to what was booked; where the ledger says otherwise, by how much."""
    found = fetch("true_costs_booked", from_month=from_month, to_month=to_month).rows()
    whole = next(r for r in found if r["service_id"] is None)
    row = next((r for r in found if r["service_id"] == service_id), whole)
    booked = words.pounds_exact(row["booked_gbp"])
    whose = "Over all councils " if service_id else "Over all councils and services "
    if service_id and row["true_cost_gbp"] != row["booked_gbp"]:
        gap = row["true_cost_gbp"] - row["booked_gbp"]
        said = (
            f"{whose}{booked} was booked; overheads {'add' if gap > 0 else 'take off'} "
            f"{words.pounds_exact(abs(gap))}"
        )
    else:
        said = f"{whose}it adds up to the {booked} that was booked, to the penny"
    if whole["ledger_gbp"] is None or _feed() == "ledger":
        return said + "."
    names = reference.service_names()
    differ = [
        (names[r["service_id"]], (r["ledger_gbp"] or 0) - (r["booked_gbp"] or 0))
        for r in found
        if r["service_id"] is not None
        and service_id in (None, r["service_id"])
        and r["ledger_gbp"] != r["booked_gbp"]
    ]
    if not differ:
        return said + "; the ledger says the same."
    differ.sort(key=lambda d: -abs(d[1]))
    named = [
        f"{words.pounds_exact(abs(gap))} {'more' if gap > 0 else 'less'} for {name}"
        for name, gap in differ[:_NAMED]
    ]
    if len(differ) > _NAMED:
        named.append(f"differs for {words.count(len(differ) - _NAMED, 'more service')}")
    return f"{said}. The ledger has {words.listing(named)}."


def _stepped(rows: list[dict[str, Any]], names: dict[str, str]) -> Bars:
    """Each council's steps as bars that begin where the one before ends."""
    # Steps of less than a pound are rounding, which the table has and no eye would find in a chart.
    drawn = [c for c in _STEPS if c in _SUMS or any(abs(r[c]) >= 1 for r in rows)]
    if drawn[1] == "booked_gbp":
        drawn.remove("booked_gbp")
    places: list[tuple[str, str, Decimal, Decimal]] = []
    for row in rows:
        at = Decimal(0)
        for column in drawn:
            name = f"{names[row['council_id']]}: {_STEPS[column][1]}"
            amount = row[column]
            if column in _SUMS:
                places.append((name, "actual", Decimal(0), amount))
                at = amount
                continue
            places.append((name, "adds" if amount >= 0 else "takes off", at, amount))
            at += amount
    said = [
        words.pounds(amount) if role == "actual" else _signed(amount)
        for _, role, _, amount in places
    ]
    kinds = {"actual": "Cost", "adds": "Adds", "takes off": "Takes off"}
    return Bars(
        categories=tuple(p[0] for p in places),
        notes=tuple(said),
        bars=tuple(
            Bar(
                name,
                role,
                tuple(float(p[3]) if p[1] == role else None for p in places),
                tuple(said),
                starts=tuple(float(p[2]) for p in places),
            )
            for role, name in kinds.items()
            if any(p[1] == role for p in places)
        ),
        unit="£",
        breaks=tuple(range(len(drawn), len(places), len(drawn))),
    )


def _compared(rows: list[dict[str, Any]], names: dict[str, str], by: str) -> Bars:
    def note(row: dict[str, Any]) -> str:
        gap = row["true_cost_gbp"] - row["booked_gbp"]
        return words.pounds(row["true_cost_gbp"]) + (f", {_signed(gap)}" if abs(gap) >= 1 else "")

    return Bars(
        categories=tuple(names[r[by]] for r in rows),
        notes=tuple(note(r) for r in rows),
        bars=(
            Bar(
                "True cost",
                "actual",
                tuple(float(r["true_cost_gbp"]) for r in rows),
                tuple(words.pounds(r["true_cost_gbp"]) for r in rows),
            ),
            Bar(
                "Booked",
                "budget",
                tuple(float(r["booked_gbp"]) for r in rows),
                tuple(words.pounds(r["booked_gbp"]) for r in rows),
                is_mark=True,
            ),
        ),
        unit="£",
    )


def _table(caption: str, by: str, rows: list[dict[str, Any]], whole: dict[str, Any]) -> Table:
    names = reference.council_names() if by == "council_id" else reference.service_names()

    def named(row: dict[str, Any]) -> Cell:
        if row[by] is None:
            return Cell.of("Together")
        if by == "council_id":
            return Cell.of(names[row[by]])
        return Cell.of(names[row[by]], None, Link("true_cost", (("service", names[row[by]]),)))

    return Table(
        caption=f"{caption}. Direct cost, income and recharges make what was booked; with the next "
        "two it makes the true cost",
        columns=(
            "Council" if by == "council_id" else "Service",
            *(column for column, _ in _STEPS.values()),
        ),
        rows=tuple(
            (named(r), *(Cell.of(words.pounds_exact(r[c])) for c in _STEPS)) for r in [*rows, whole]
        ),
        raw_columns=(by, *_STEPS),
        raw_rows=tuple((r[by] or "together", *(r[c] for c in _STEPS)) for r in [*rows, whole]),
        figures=frozenset(range(1, len(_STEPS) + 1)),
    )


# Shares and scenarios


def _today(
    from_month: date, to_month: date
) -> tuple[dict[sharing.Due, dict[str, int]], dict[tuple[str, str], int]]:
    """Pence of shared cost by council, of each service in each month; and what is its own."""
    shared: dict[sharing.Due, dict[str, int]] = {}
    own: dict[tuple[str, str], int] = {}
    found = fetch("shared_costs", from_month=from_month, to_month=to_month)
    columns = ("service_id", "council_id", "month", "year", "shared_gbp", "own_gbp")
    for service_id, council_id, month, year, shared_gbp, own_gbp in zip(
        *(found[c] for c in columns), strict=True
    ):
        parts = shared.setdefault((service_id, int(year), month), {})
        parts[council_id] = int(shared_gbp * 100)
        key = service_id, council_id
        own[key] = own.get(key, 0) + int(own_gbp * 100)
    return shared, own


def _volumes(from_month: date, to_month: date) -> sharing.Volumes:
    volumes: dict[tuple[str, str | None, int], dict[str, float]] = {}
    for r in fetch("sharing_volumes", from_month=from_month, to_month=to_month).rows():
        cell = r["basis"], r["service_id"], int(r["year"])
        volumes.setdefault(cell, {})[r["council_id"]] = r["a_month"]
    return volumes


def _borne(today: dict[sharing.Due, dict[str, int]], service_id: str | None) -> dict[str, int]:
    chosen = {k: v for k, v in today.items() if service_id in (None, k[0])}
    return _by_council(sharing.played(chosen, Scenario(), {}))


def _by_council(outcome: Outcome) -> dict[str, int]:
    borne: dict[str, int] = {}
    for (_, council_id), pence in outcome.pence.items():
        borne[council_id] = borne.get(council_id, 0) + pence
    return borne


def _told(asked: Scenario, councils: dict[str, str]) -> str:
    """The scenario in a few words: "shared equally, without Bexley"."""
    parts = [f"shared {BASES[asked.basis]}"] if asked.basis else []
    if asked.council_id:
        name = councils[asked.council_id]
        parts.append(f"without {name}" if asked.leaves else f"with {name} joining")
    return ", ".join(parts)


def _changes(
    now: dict[str, int], then: dict[str, int], asked: Scenario, councils: dict[str, str]
) -> str:
    """Who would pay more and who less, the two who would feel it most."""
    gaps = {c: then.get(c, 0) - now.get(c, 0) for c in {**now, **then}}
    # That a council which leaves pays nothing any more goes without saying.
    left = asked.leaves and asked.council_id and not then.get(asked.council_id)
    if left:
        gaps.pop(asked.council_id or "", None)
    told = sorted((c for c in gaps if abs(gaps[c]) >= 100), key=lambda c: (-abs(gaps[c]), c))
    if not told:
        return f"nobody {'else ' if left else ''}would pay more or less"
    # Whoever would feel as much stands beside: to name one alone would say that the other does not.
    alike: dict[str, list[str]] = {}
    for c in told:
        felt = (
            f"{words.pounds(_pounds(abs(gaps[c])))}{_in_brackets(gaps[c], now.get(c, 0))} "
            f"{'more' if gaps[c] > 0 else 'less'}"
        )
        alike.setdefault(felt, []).append(councils[c])
    first, *second = [
        (words.listing(who) if len(who) <= 3 else words.count(len(who), "council"), felt)
        + ((" each",) if len(who) > 1 else ("",))
        for felt, who in list(alike.items())[:2]
    ]
    joined = "; " if any(each for *_, each in (first, *second)) else " and "
    return f"{first[0]} would pay {first[1]}{first[2]}" + "".join(
        f"{joined}{who} {felt}{each}" for who, felt, each in second
    )


def _in_brackets(gap: int, of: int) -> str:
    return f" ({abs(gap) / of:.0%})" if of > 0 else ""


def _moves(asked: Scenario, before: Outcome, after: Outcome) -> bool:
    """True where the council that is asked to leave or join does so in any service."""
    taken, then = (
        {s for (s, c), pence in o.pence.items() if c == asked.council_id and pence}
        for o in (before, after)
    )
    return taken != then


def _explained(
    asked: Scenario,
    before: Outcome,
    after: Outcome,
    entry: Fraction | None,
    councils: dict[str, str],
) -> str:
    """What a reader has to know of the scenario: who moves, with how much, and by which share."""
    if not asked.council_id:
        return "What one saves another pays."
    name = councils[asked.council_id]
    if not _moves(asked, before, after):
        return (
            f"{name} leaves no service by this: it bears no cost that others could bear."
            if asked.leaves
            else f"{name} joins no service by this: it is there already, or its part is not known."
        )
    moved = sum(after.pence.values()) - sum(before.pence.values())
    by = f" ({words.pounds_exact(_pounds(abs(moved)))})" if moved else ""
    part = f"{_QUARTERS[asked.quarters]} of {name}’s part"
    if asked.leaves:
        return f"{part} goes with it{by}; the others bear what stays."
    said = f"{part} is cost that comes with it{by}; those who take part bear the whole."
    if asked.basis is None and entry:
        said += (
            f" No share is agreed, so it joins at {float(entry):.1%}: what it bears of the "
            "services that it takes today."
        )
    return said


_WHY = {
    sharing.NO_FIGURES: "for want of figures for each of its councils",
    sharing.ALONE: "because one council alone takes it",
    sharing.NO_SHARE: "for want of a share to go by",
}


def _stays(
    after: Outcome, today: dict[sharing.Due, dict[str, int]], services: dict[str, str]
) -> list[str]:
    """The services that stay as they are, by reason; with the years where it is not all of them."""
    reasons: dict[str, list[str]] = {}
    order = list(services)
    for (service_id, why), years in sorted(
        after.unchanged.items(), key=lambda u: (u[0][1], order.index(u[0][0]))
    ):
        every = {year for service, year, _ in today if service == service_id}
        part = ", ".join(f"{y}/{(y + 1) % 100:02d}" for y in sorted(years))
        name = services[service_id] + (f" in {part}" if years != every else "")
        reasons.setdefault(why, []).append(name)
    return [f"As today, {_WHY[why]}: {words.listing(named)}." for why, named in reasons.items()]


def _drawn(
    drawn: list[str],
    now: dict[str, int],
    then: dict[str, int],
    told: str,
    councils: dict[str, str],
) -> Bars:
    def note(council_id: str) -> str:
        before, after = now.get(council_id, 0), then.get(council_id, 0)
        return f"{words.pounds(_pounds(after))}, {_change(before, after)}"

    return Bars(
        categories=tuple(councils[c] for c in drawn),
        notes=tuple(note(c) for c in drawn),
        bars=(
            Bar(
                f"Scenario: {told}",
                "actual",
                tuple(float(_pounds(then.get(c, 0))) for c in drawn),
                tuple(words.pounds_exact(_pounds(then.get(c, 0))) for c in drawn),
            ),
            Bar(
                "Today",
                "budget",
                tuple(float(_pounds(now.get(c, 0))) for c in drawn),
                tuple(words.pounds_exact(_pounds(now.get(c, 0))) for c in drawn),
                is_mark=True,
            ),
        ),
        unit="£",
    )


def _change(before: int, after: int) -> str:
    if before == after:
        return "no change"
    if not before:
        return "new"
    if not after:
        return "pays no more"
    if before < 0 or after < 0:
        # A per cent of income, or of what turned into it, says nothing.
        gap = _pounds(abs(after - before))
        return f"{words.pounds(gap)} {'more' if after > before else 'less'}"
    share = (abs(after - before)) / before
    return f"{share:.0%} {'more' if after > before else 'less'}" if share >= 0.005 else "no change"


def _scenario_table(
    caption: str,
    told: str,
    asked: Scenario,
    outcomes: tuple[Outcome, Outcome],
    own: dict[tuple[str, str], int],
    span: tuple[date, date],
) -> Table:
    """All services together by council, then each service by council; "together" ends each."""
    before, after = (o.pence for o in outcomes)
    services, councils = reference.service_names(), reference.council_names()
    unchanged = {service_id for service_id, _ in outcomes[1].unchanged}
    cells = {**before, **after}
    taken = [s for s in services if any(k[0] == s for k in cells)]
    blocks: list[tuple[str | None, list[str]]] = [(None, taken)] if len(taken) > 1 else []
    blocks += [(s, [s]) for s in taken]
    rows: list[tuple[str | None, str | None, int, int, int, str]] = []
    for service_id, of in blocks:
        there = [c for c in councils if any((s, c) in cells for s in of)]
        basis = BASES[asked.basis] if asked.basis else "as agreed"
        if service_id in unchanged:
            basis += ", in part as today" if _differs(service_id, before, after) else ": as today"
        for council in [*([c] for c in there), there]:
            keys = [(s, c) for s in of for c in council]
            rows.append(
                (
                    service_id,
                    council[0] if len(council) == 1 and council is not there else None,
                    *(sum(part.get(k, 0) for k in keys) for part in (before, after, own)),
                    basis,
                )
            )
    return Table(
        caption=caption,
        columns=(
            *("Service", "Council", "Today", "Scenario", "Difference", "Change"),
            *("Its own cost, unchanged", "True cost in the scenario", "Shared"),
        ),
        rows=tuple(
            (
                Cell.of(services[s] if s else "All services"),
                Cell.of(councils[c] if c else "Together"),
                Cell.of(words.pounds_exact(_pounds(now))),
                Cell.of(words.pounds_exact(_pounds(then))),
                Cell.of(_signed_exact(_pounds(then - now))),
                Cell.of(_change(now, then)),
                Cell.of(words.pounds_exact(_pounds(alone))),
                Cell.of(words.pounds_exact(_pounds(then + alone))),
                Cell.of(basis),
            )
            for s, c, now, then, alone, basis in rows
        ),
        raw_columns=(
            *("scenario", "service_id", "council_id", "from_month", "to_month", "today_gbp"),
            *("scenario_gbp", "difference_gbp", "own_gbp", "true_cost_in_scenario_gbp", "shared"),
        ),
        raw_rows=tuple(
            (
                f"Scenario: {told}",
                s or "all services",
                c or "together",
                *span,
                *(_pounds(p) for p in (now, then, then - now, alone, then + alone)),
                basis,
            )
            for s, c, now, then, alone, basis in rows
        ),
        figures=frozenset({2, 3, 4, 6, 7}),
    )


def _differs(
    service_id: str | None, before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]
) -> bool:
    return any(before.get(k) != p for k, p in after.items() if k[0] == service_id)


def _agreed_table(
    caption: str, agreed: list[dict[str, Any]], today: dict[sharing.Due, dict[str, int]]
) -> Table:
    services, councils = reference.service_names(), reference.council_names()

    by_month: dict[tuple[str, str], list[tuple[date, int]]] = {}
    for (service_id, _, month), parts in today.items():
        for council_id, pence in parts.items():
            by_month.setdefault((service_id, council_id), []).append((month, pence))

    def borne(row: dict[str, Any]) -> Decimal:
        months = by_month.get((row["service_id"], row["council_id"]), [])
        return _pounds(sum(p for m, p in months if row["from_month"] <= m <= row["to_month"]))

    places = {i: at for names in (services, councils) for at, i in enumerate(names)}
    rows = sorted(
        agreed,
        key=lambda r: (
            places[r["service_id"]],
            -r["from_month"].toordinal(),
            places[r["council_id"]],
        ),
    )
    amounts = [borne(r) for r in rows]
    return Table(
        caption=f"{caption}, and what was borne in the months chosen",
        columns=("Service", "Year", "Council", "Cost share", "Shared cost borne", "Source"),
        rows=tuple(
            (
                Cell.of(services[r["service_id"]]),
                Cell.of(r["financial_year"].replace("-", "/")),
                Cell.of(councils[r["council_id"]]),
                Cell.of(_percent(r)),
                Cell.of(words.pounds_exact(amount)),
                Cell.of(r["source"] or ("illustrative" if r["is_illustrative"] else "not stated")),
            )
            for r, amount in zip(rows, amounts, strict=True)
        ),
        raw_columns=("service_id", "year", "council_id", "share", "shared_cost_gbp", "source"),
        raw_rows=tuple(
            (
                r["service_id"],
                r["financial_year"],
                r["council_id"],
                r["share"],
                amount,
                r["source"] or ("illustrative" if r["is_illustrative"] else None),
            )
            for r, amount in zip(rows, amounts, strict=True)
        ),
        figures=frozenset({3, 4}),
    )


def _feed() -> str:
    """The feed that money was read from: the costs, or the ledger where no file has costs."""
    return "costs" if "costs" in reference.feeds_present() else "ledger"


def _provenance(*notes: str) -> Provenance:
    return reference.provenance(_feed(), notes=notes)


def _pounds(pence: int) -> Decimal:
    return Decimal(pence).scaleb(-2)


def _signed(amount: Decimal) -> str:
    return ("+" if amount > 0 else "") + words.pounds(amount)


def _signed_exact(amount: Decimal) -> str:
    return ("+" if amount > 0 else "") + words.pounds_exact(amount)


def _part(pence: int, of: int) -> str:
    return f"{pence / of:.0%}" if of else words.MISSING


def _percent(row: dict[str, Any]) -> str:
    """A share exactly as agreed: 42%, 33.3%."""
    share = (Decimal(repr(row["share"])) * 100).normalize()
    return f"{share:f}%"

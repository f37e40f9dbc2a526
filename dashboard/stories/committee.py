"""The report to the Joint Committee: the whole service, by borough, and every exception."""

from datetime import date

from dashboard import words
from dashboard.exhibits import costs, exceptions, findings, overview, published, reference
from dashboard.exhibits import satisfaction as survey
from dashboard.exhibits.story import Report, Section

# More than these are counted, not named: the title is also the document's name.
_NAMED = 4


def report(*, council_ids: tuple[str, ...], from_month: date, to_month: date) -> Report:
    """What the committee is told of these councils, from month to month, both inclusive.

    Every exhibit is one that the pages show, so its numbers are theirs.
    """
    span = {"from_month": from_month, "to_month": to_month}
    names = reference.council_names()
    some = {"council_ids": council_ids}
    whole = [findings.changed(service_id=None, since=from_month, to_month=to_month, **some)]
    whole.append(overview.grid(**some, **span))
    if reference.has("costs"):
        whole.append(costs.to_date(service_id=None, to_month=to_month, **some))
    if reference.has("satisfaction"):
        everybody = (*council_ids, *reference.council_names("staff"))
        whole.append(survey.by_customer(service_id=None, council_ids=everybody, **span))
    boroughs = tuple(
        Section(
            f"2.{nth} {names[council]}",
            (
                overview.services_of_council(council_id=council, **span),
                findings.changed(
                    service_id=None, council_ids=(council,), since=from_month, to_month=to_month
                ),
            ),
        )
        for nth, council in enumerate(council_ids, 1)
    )
    listed = exceptions.listed(service_id=None, to_month=to_month, **some)
    papers = tuple(
        one
        for feed in ("costs", "satisfaction", "performance")
        for one in published.where_any(feed=feed, **span)
    )
    return Report(
        reference.workspace()["title"],
        f"Performance report to the Joint Committee, {words.months(from_month, to_month)}: "
        f"{_who([names[c] for c in council_ids])}",
        (
            Section("1 The whole service", tuple(whole)),
            Section("2 By borough", ()),
            *boroughs,
            Section("3 Exceptions, with owner", (listed,), "Corrective action"),
            *([Section("4 Figures as published", papers)] if papers else []),
        ),
    )


def _who(councils: list[str]) -> str:
    if len(councils) <= _NAMED:
        return words.listing(councils)
    return words.count(len(councils), "council")

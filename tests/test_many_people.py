"""Twenty people at once, each with filters of their own: every answer is right, and is theirs.

They speak Streamlit's own websocket protocol to a real server, without a browser. What is right
comes from the same exhibits and queries, asked one at a time in this process.
"""

import asyncio
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from dashboard.exhibits import (
    costs,
    findings,
    forecast,
    funnel,
    measures,
    outturn,
    overview,
    published,
    reference,
    satisfaction,
    signals,
    spending,
    unit_costs,
    value,
    variance,
)
from dashboard.exhibits.exhibit import Exhibit
from dashboard.warehouse import fetch

PEOPLE = 20

# Long enough for hundreds of answers to cross; MANY_PEOPLE_SECONDS=5 for a quick look.
SECONDS = float(os.environ.get("MANY_PEOPLE_SECONDS", "60"))

# Nobody waits this long even with every other person ahead in the queue.
PATIENCE_SECONDS = 30

PAGES = ("", "costs", "spending", "satisfaction", "value", "measure")
PERIODS = {
    "All": (date(2014, 4, 1), date(2018, 3, 1)),
    "Last 12 months": (date(2017, 4, 1), date(2018, 3, 1)),
    "2016/17": (date(2016, 4, 1), date(2017, 3, 1)),
    "2015/16": (date(2015, 4, 1), date(2016, 3, 1)),
    "2014/15": (date(2014, 4, 1), date(2015, 3, 1)),
}
COUNCILS = (("Havering",), ("Newham",), ("Bexley",), ("Havering", "Newham"), ())
SERVICES = ("Finance", "ICT", "HR & OD", "Exchequer & Transactional", "Asset Management")


@dataclass(frozen=True)
class Question:
    """A page and its filters, by the words in the address."""

    page: str
    councils: tuple[str, ...]
    service: str | None
    period: str

    def query(self) -> str:
        services = [("service", self.service)] if self.service else []
        councils = [("councils", council) for council in self.councils]
        return urlencode([*services, *councils, ("period", self.period)])


@dataclass(frozen=True)
class Answer:
    """The findings of a page in order, and the counts of its services' grid where it has one."""

    findings: tuple[str, ...]
    on_target: tuple[tuple[str, str], ...] = ()


class Tab:
    """One open page: what it asked for, and what it was last shown."""

    def __init__(self, connection: ClientConnection, page: str) -> None:
        self._connection = connection
        self._page = page
        self._page_hash = ""
        self._widgets: dict[str, Element] = {}
        self._shown: dict[tuple[int, ...], Element] = {}
        self._kept: dict[str, ForwardMsg] = {}

    async def ask(self, query: str, **chosen: str) -> Answer:
        """Run the page: by its address, and with a choice in the select boxes named."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = query, self._page
        asked.page_script_hash = self._page_hash
        for label, choice in chosen.items():
            asked.widget_states.widgets.add(
                id=self._widgets[label].selectbox.id, string_value=choice
            )
        self._shown.clear()
        await self._connection.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._is_last(ForwardMsg.FromString(await self._connection.recv())):
                pass
        return self._answer()

    def _is_last(self, message: ForwardMsg) -> bool:
        if message.WhichOneof("type") == "ref_hash":
            # The server trusts that this tab kept what it was sent before.
            kept, metadata = self._kept[message.ref_hash], message.metadata
            message = ForwardMsg.FromString(kept.SerializeToString())
            message.metadata.CopyFrom(metadata)
        elif message.hash:
            self._kept[message.hash] = message
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            assert element.WhichOneof("type") != "exception", element.exception.message
            self._shown[tuple(message.metadata.delta_path)] = element
            if element.WhichOneof("type") == "selectbox":
                self._widgets[element.selectbox.label] = element
        elif kind == "script_finished":
            assert message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            return True
        return False

    def _answer(self) -> Answer:
        page = "".join(
            element.html.body
            for _, element in sorted(self._shown.items())
            if element.WhichOneof("type") == "html"
        )
        findings = re.findall(r'<h2 class="os-finding">(.*?)</h2>', page)
        return Answer(tuple(unescape(f) for f in findings), _on_target_shown(page))


def _on_target_shown(page: str) -> tuple[tuple[str, str], ...]:
    """Each service's "12 of 20" over the chosen councils together, as the grid shows it."""
    shown = []
    for row in page.split("<tr>"):
        together = re.search(r'<td data-label="All together">(.*?)</td>', row)
        counted = together and re.search(r"(\d+ of \d+) on target", together[1])
        if counted:
            service = re.search(r'<th scope="row">(.*?)</th>', row)
            shown.append((_words(service[1]), counted[1]))
    return tuple(shown)


def _words(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup))


def right(question: Question) -> Answer:
    """What a page has to answer, from its exhibits; the grid's counts from the query alone."""
    kinds = ("council", "staff") if question.page == "satisfaction" else ("council",)
    names = reference.council_names(*kinds)
    council_ids = tuple(i for i, n in names.items() if n in question.councils) or tuple(names)
    service_id = next(
        (i for i, n in reference.service_names().items() if n == question.service), None
    )
    months = dict(zip(("from_month", "to_month"), PERIODS[question.period], strict=True))
    chosen = {"council_ids": council_ids, **months}
    exhibits: list[Exhibit]
    on_target: tuple[tuple[str, str], ...] = ()
    match question.page:
        case "":
            last = months["to_month"]
            since = date(last.year - (last.month < 4), 4, 1)
            exhibits = [
                findings.changed(
                    service_id=None,
                    council_ids=council_ids,
                    since=since,
                    to_month=months["to_month"],
                ),
                overview.grid(**chosen),
            ]
            on_target = _on_target(chosen)
        case "costs":
            year = {
                "service_id": service_id,
                "council_ids": council_ids,
                "to_month": chosen["to_month"],
            }
            exhibits = [
                costs.to_date(**year),
                *variance.where_budgeted(**year),
                *published.where_any(feed="costs", **months),
                costs.through_the_year(service_id=service_id, **chosen),
                *outturn.where_any(**year),
                forecast.cost_year_end(
                    service_id=service_id, council_ids=council_ids, to_month=chosen["to_month"]
                ),
                costs.by_service(**chosen),
            ]
        case "spending":
            exhibits = spending.down_to_lines(
                service_id=service_id, cost_type=None, supplier=None, **chosen
            )
        case "satisfaction":
            exhibits = [
                satisfaction.headline(service_id=service_id, **chosen),
                satisfaction.by_customer(service_id=service_id, **chosen),
                satisfaction.answers(service_id=service_id, **chosen),
                satisfaction.by_service(**chosen),
                satisfaction.services_over_time(**chosen),
                satisfaction.perceived(**chosen),
                satisfaction.response(service_id=service_id, **chosen),
                *published.where_any(feed="satisfaction", **months),
            ]
        case "value":
            about = {"service_id": service_id, "council_ids": council_ids}
            counted = {"unit": None, **about}
            exhibits = [
                value.against_quality(**counted, **months),
                value.against_satisfaction(**counted, **months),
                unit_costs.told(**counted, to_month=chosen["to_month"]),
                unit_costs.over_years(**counted, **months),
                *value.beside_others(**about, **months),
                *unit_costs.exceptions(**counted, to_month=chosen["to_month"]),
            ]
        case "measure":
            measure_id = next(
                i for i, m in reference.measures().items() if m["service_id"] == service_id
            )
            control = signals.control(measure_id=measure_id, **chosen)
            exhibits = [
                control,
                signals.standings(measure_id=measure_id, council_ids=chosen["council_ids"]),
                *([signals.marks(measure_id=measure_id, **chosen)] if control.chart else []),
                measures.trend(measure_id=measure_id, **chosen),
                *(
                    [forecast.measure_year_end(measure_id=measure_id, **_until(chosen))]
                    if reference.measures()[measure_id]["is_cumulative"]
                    else []
                ),
                funnel.compared(
                    measure_id=measure_id,
                    council_ids=chosen["council_ids"],
                    to_month=chosen["to_month"],
                ),
                measures.passport(measure_id=measure_id),
                measures.overall(measure_id=measure_id, **chosen),
                *published.where_any(feed="performance", service_id=service_id, **months),
            ]
    return Answer(tuple(e.title for e in exhibits), on_target)


def _until(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: chosen[name] for name in ("council_ids", "to_month")}


def _on_target(chosen: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """The same counts from the query itself, by no way through an exhibit."""
    standing = {
        row["service_id"]: row
        for row in fetch("standing_performance", service_id=None, **chosen).rows()
        if row["council_id"] is None
    }
    return tuple(
        (name, f"{standing[i]['on_target']} of {standing[i]['judged']}")
        for i, name in reference.service_names().items()
        if i in standing and standing[i]["judged"]
    )


def test_twenty_people_at_once_each_get_the_answer_to_their_own_question(use, serve):
    use("shipped")
    address = serve("shipped").replace("http", "ws", 1)
    # A thread of its own, because Playwright keeps an event loop in this one.
    with ThreadPoolExecutor(1) as apart:
        people = apart.submit(asyncio.run, _crowd(address)).result()

    assert len(people) == PEOPLE
    assert all(people), "somebody got no answer"
    given = [answer for answers in people for answer in answers]
    for question, shown in given:
        assert shown == right(question), question
    # Else an answer that went to the wrong person could pass for a right one. Not all differ: in
    # a year without a survey the last one stands.
    questions = {q for q, _ in given}
    assert len({right(q) for q in questions}) > len(questions) / 2
    print(f"\n{len(given):,} right answers to {PEOPLE} people in {SECONDS:.0f} s")


async def _crowd(address: str) -> list[list[tuple[Question, Answer]]]:
    deadline = asyncio.get_running_loop().time() + SECONDS
    async with asyncio.TaskGroup() as group:
        people = [
            group.create_task(_person(address, random.Random(seed), deadline))
            for seed in range(PEOPLE)
        ]
    return [person.result() for person in people]


async def _person(
    address: str, chance: random.Random, deadline: float
) -> list[tuple[Question, Answer]]:
    """Open a page by a link, look at each period in turn, go on to the next; until time is up."""
    answers, clock = [], asyncio.get_running_loop().time
    while clock() < deadline:
        page, councils = chance.choice(PAGES), chance.choice(COUNCILS)
        service = chance.choice(SERVICES) if page else None
        first, *others = chance.sample(list(PERIODS), len(PERIODS))
        opened = Question(page, councils, service, first)
        async with _tab(address, page) as tab:
            answers.append((opened, await tab.ask(opened.query())))
            for period in others:
                if clock() >= deadline:
                    break
                question = replace(opened, period=period)
                answers.append((question, await tab.ask(opened.query(), Period=period)))
    return answers


@asynccontextmanager
async def _tab(address: str, page: str):
    async with connect(
        f"{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None, compression=None
    ) as connection:
        yield Tab(connection, page)

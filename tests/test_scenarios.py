"""What if: who would pay what if costs were shared otherwise, on figures to check by eye.

April 2017. The desk costs £100, shared 60 : 40 by Ash and Bor, of 30 and 10 calls. Staff costs £50,
shared 25 : 25 by Ash and Caw. There are 10 people at Ash, 30 at Bor and 10 at Caw.
"""

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import settings, startup
from dashboard.exhibits import true_cost
from dashboard.method.apportioning import apportion
from dashboard.method.sharing import (
    BASES,
    EQUAL,
    HEADCOUNT,
    VOLUME,
    Scenario,
    played,
    usual_share,
)
from dashboard.render import text
from tests.test_true_cost import SPAN, costs, plant, shares  # noqa: F401

APRIL, MAY = date(2017, 4, 1), date(2017, 5, 1)
DESK, STAFF = ("desk", 2017, APRIL), ("staff", 2017, APRIL)
TODAY = {DESK: {"ash": 6000, "bor": 4000}, STAFF: {"ash": 2500, "caw": 2500}}
VOLUMES = {
    (VOLUME, "desk", 2017): {"ash": 30.0, "bor": 10.0},
    (HEADCOUNT, None, 2017): {"ash": 10.0, "bor": 30.0, "caw": 10.0},
}


def _desk(scenario: Scenario, entry_share: Fraction | None = None) -> dict[str, int]:
    outcome = played({DESK: TODAY[DESK]}, scenario, VOLUMES, entry_share)
    assert not outcome.unchanged
    return {council: pence for (_, council), pence in outcome.pence.items()}


@pytest.mark.parametrize(
    ("basis", "right"),
    [
        (None, {"ash": 6000, "bor": 4000}),
        (EQUAL, {"ash": 5000, "bor": 5000}),
        (VOLUME, {"ash": 7500, "bor": 2500}),
        (HEADCOUNT, {"ash": 2500, "bor": 7500}),
    ],
)
def test_a_basis_shares_the_cost_by_its_own_figures(basis, right):
    assert _desk(Scenario(basis)) == right


@pytest.mark.parametrize(("quarters", "ash"), [(0, 10000), (1, 9000), (2, 8000), (4, 6000)])
def test_of_a_council_that_leaves_what_does_not_go_falls_to_the_others(quarters, ash):
    assert _desk(Scenario(None, "bor", leaves=True, quarters=quarters)) == {"ash": ash}


def test_a_council_leaves_with_a_part_by_the_basis_of_the_scenario():
    # By calls its part would be £25, half of which goes with it.
    assert _desk(Scenario(VOLUME, "bor", leaves=True, quarters=2)) == {"ash": 8750}


def test_a_council_without_an_agreed_share_joins_at_what_it_bears_elsewhere():
    half = usual_share(TODAY, "caw")
    assert half == Fraction(1, 2)
    joins = Scenario(None, "caw", leaves=False)
    assert _desk(joins, half) == {"ash": 3000, "bor": 2000, "caw": 5000}
    grows = Scenario(None, "caw", leaves=False, quarters=4)
    assert _desk(grows, half) == {"ash": 6000, "bor": 4000, "caw": 10000}


def test_a_council_joins_by_the_basis_and_the_service_grows_by_half_its_part():
    assert _desk(Scenario(HEADCOUNT, "caw", leaves=False)) == {
        "ash": 2000,
        "bor": 6000,
        "caw": 2000,
    }
    # Ten people more on forty are £25 more; with half of them, £112.50 for fifty people.
    assert _desk(Scenario(HEADCOUNT, "caw", leaves=False, quarters=2)) == {
        "ash": 2250,
        "bor": 6750,
        "caw": 2250,
    }


@pytest.mark.parametrize(
    ("scenario", "entry_share", "why"),
    [
        (Scenario(VOLUME, "caw", leaves=False), None, "no figures for all its councils"),
        (Scenario(None, "caw", leaves=False), None, "no share to go by"),
    ],
)
def test_where_a_joiner_s_part_is_not_known_the_service_stays_as_it_is(scenario, entry_share, why):
    outcome = played({DESK: TODAY[DESK]}, scenario, VOLUMES, entry_share)
    assert outcome.pence == {("desk", "ash"): 6000, ("desk", "bor"): 4000}
    assert outcome.unchanged == {("desk", why): {2017}}


def test_a_council_that_alone_takes_a_service_cannot_leave_its_cost_to_others():
    outcome = played({DESK: {"ash": 100}}, Scenario(None, "ash", quarters=4), VOLUMES)
    assert outcome.pence == {("desk", "ash"): 100}
    assert outcome.unchanged == {("desk", "nobody else takes it"): {2017}}


def test_a_charge_beside_a_credit_is_no_share_and_equal_parts_still_are():
    mixed = {DESK: {"ash": 300, "bor": -100, "caw": 100}}
    outcome = played(mixed, Scenario(None, "caw"), VOLUMES)
    assert outcome.unchanged == {("desk", "no share to go by"): {2017}}
    assert played(mixed, Scenario(EQUAL), {}).pence == {
        ("desk", "ash"): 100,
        ("desk", "bor"): 100,
        ("desk", "caw"): 100,
    }


def test_months_in_which_a_council_takes_part_are_told_from_those_in_which_it_does_not():
    today = {DESK: {"ash": 100}, ("desk", 2017, MAY): {"ash": 60, "bor": 40}}
    assert played(today, Scenario(EQUAL), {}).pence == {("desk", "ash"): 150, ("desk", "bor"): 50}


def test_odd_pence_go_to_the_largest_remainders_and_credits_are_shared_alike():
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert apportion(-101, [1, 2, 2]) == [-20, -41, -40]


_pence = st.dictionaries(st.sampled_from("abcd"), st.integers(-(10**9), 10**9), min_size=1)


@profile(max_examples=200, derandomize=True)
@given(
    today=st.dictionaries(
        st.tuples(st.sampled_from("xy"), st.just(2017), st.sampled_from([APRIL, MAY])),
        _pence,
        min_size=1,
    ),
    basis=st.sampled_from([None, *BASES]),
    council=st.sampled_from([None, *"abcd"]),
    leaves=st.booleans(),
    figures=st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1e6)),
)
def test_whatever_is_asked_nothing_is_lost_where_no_cost_goes(
    today, basis, council, leaves, figures
):
    volumes = {(VOLUME, "x", 2017): figures, (HEADCOUNT, None, 2017): figures}
    entry = usual_share(today, council) if council else None
    outcome = played(today, Scenario(basis, council, leaves), volumes, entry)
    for service in {s for s, _, _ in today}:
        before = sum(sum(parts.values()) for cell, parts in today.items() if cell[0] == service)
        assert sum(p for (s, _), p in outcome.pence.items() if s == service) == before


# On the page

WORK = "".join(
    f"2017-04,{service},{council},{unit},{quantity},{kind}\n"
    for service, council, unit, quantity, kind in (
        ("desk", "ash", "calls", 30, "flow"), ("desk", "bor", "calls", 10, "flow"),
        ("staff", "ash", "people", 10, "headcount"), ("staff", "bor", "people", 30, "headcount"),
        ("staff", "caw", "people", 10, "headcount"),
    )
)  # fmt: skip


@pytest.fixture
def small(plant):  # noqa: F811
    plant(
        costs=costs(
            "ash 60.00", "bor 40.00", "ash 25.00 service=staff", "caw 25.00 service=staff",
            "caw 5.00 service=staff block=non_shared", "ash 9.00 service=post",
        ),
        cost_shares=shares(desk="ash .6 bor .4", staff="ash .5 caw .5", post="ash 1"),
        volumes=WORK,
    )  # fmt: skip


def _asked(**more) -> dict:
    nothing = {"service_id": None, "basis": None, "council_id": None, "leaves": True, "quarters": 0}
    return {**nothing, **SPAN, **more}


def _paid(exhibit, service: str = "all services") -> dict[str, tuple[str, str, str]]:
    """Today, scenario and difference by council, as exported."""
    rows = list(csv.DictReader(io.StringIO(text.csv_bytes(exhibit).decode("utf-8-sig"))))
    columns = ("today_gbp", "scenario_gbp", "difference_gbp")
    return {
        r["council_id"]: tuple(r[c] for c in columns) for r in rows if r["service_id"] == service
    }


def test_a_scenario_says_who_would_pay_what_against_today(small):
    exhibit = true_cost.scenario(**_asked(basis="equal"))
    assert exhibit.title == (
        "Scenario for all services, shared equally: Ash would pay £10 (11%) less and "
        "Bor £10 (25%) more"
    )
    assert _paid(exhibit) == {
        "ash": ("94.00", "84.00", "-10.00"),
        "bor": ("40.00", "50.00", "10.00"),
        "caw": ("25.00", "25.00", "0.00"),
        "together": ("159.00", "159.00", "0.00"),
    }
    assert _paid(exhibit, "desk") == {
        "ash": ("60.00", "50.00", "-10.00"),
        "bor": ("40.00", "50.00", "10.00"),
        "together": ("100.00", "100.00", "0.00"),
    }
    assert exhibit.chart.categories == ("Ash", "Bor", "Caw")
    assert exhibit.chart.notes == ("£84, 11% less", "£50, 25% more", "£25, no change")
    caw = next(r for r in exhibit.table.raw_rows if r[1:3] == ("all services", "caw"))
    assert caw[-3:-1] == (Decimal("5.00"), Decimal("30.00"))


def test_a_scenario_is_labelled_wherever_it_shows(small):
    exhibit = true_cost.scenario(**_asked(service_id="desk", basis="volume"))
    assert exhibit.title.startswith("Scenario for Desk, shared by volume of work: ")
    assert exhibit.subtitle.startswith("Scenario: ")
    assert exhibit.alt.startswith("Scenario for Desk")
    assert exhibit.chart.bars[0].name == "Scenario: shared by volume of work"
    assert exhibit.table.caption.startswith("Scenario for Desk, shared by volume of work, ")
    assert "Scenario: no data is changed" in exhibit.provenance.sentence()
    assert exhibit.slot == "true_cost-scenario"
    rows = list(csv.DictReader(io.StringIO(text.csv_bytes(exhibit).decode("utf-8-sig"))))
    assert {r["scenario"] for r in rows if r["service_id"] == "desk"} == {
        "Scenario: shared by volume of work"
    }
    assert _paid(exhibit, "desk")["ash"] == ("60.00", "75.00", "15.00")


def test_services_without_the_basis_stay_as_they_are_and_are_named(small):
    exhibit = true_cost.scenario(**_asked(basis="volume"))
    assert "As today, for want of figures for each of its councils: Post." in exhibit.subtitle
    assert _paid(exhibit, "post")["ash"] == ("9.00", "9.00", "0.00")
    post = next(r for r in exhibit.table.raw_rows if r[1] == "post")
    assert post[-1] == "by volume of work: as today"


def test_a_council_leaves_with_none_or_half_of_its_cost(small):
    exhibit = true_cost.scenario(**_asked(council_id="bor"))
    assert exhibit.title == "Scenario for all services, without Bor: Ash would pay £40 (43%) more"
    assert "None of Bor’s part goes with it" in exhibit.subtitle
    assert _paid(exhibit)["bor"] == ("40.00", "0.00", "-40.00")
    assert exhibit.chart.notes == ("£134, 43% more", "£0, pays no more", "£25, no change")
    half = true_cost.scenario(**_asked(council_id="bor", quarters=2))
    assert "Half of Bor’s part goes with it (£20.00)" in half.subtitle
    assert _paid(half)["together"] == ("159.00", "139.00", "-20.00")
    whole = true_cost.scenario(**_asked(council_id="bor", quarters=4))
    assert whole.title.endswith("without Bor: nobody else would pay more or less")


def test_councils_that_would_feel_as_much_are_named_together(plant):  # noqa: F811
    plant(
        costs=costs(
            "ash 40.00", "bor 40.00", "ash 20.00 service=staff", "bor 20.00 service=staff",
            "caw 20.00 service=staff",
        ),
        cost_shares=shares(desk="ash .5 bor .5", staff="ash .3333 bor .3333 caw .3334"),
    )  # fmt: skip
    joins = true_cost.scenario(**_asked(service_id="desk", council_id="caw", leaves=False))
    assert joins.title == (
        "Scenario for Desk, with Caw joining: Caw would pay £26.66 more; "
        "Ash and Bor £13.33 (33%) less each"
    )


def test_a_council_that_leaves_what_it_alone_takes_stays(small):
    exhibit = true_cost.scenario(**_asked(service_id="post", council_id="ash"))
    assert exhibit.title.endswith("nobody would pay more or less")
    assert "Ash leaves no service by this" in exhibit.subtitle
    assert "As today, because one council alone takes it: Post." in exhibit.subtitle


def test_a_council_joins_with_the_share_that_it_bears_elsewhere_and_says_so(small):
    exhibit = true_cost.scenario(**_asked(service_id="desk", council_id="caw", leaves=False))
    assert exhibit.title == (
        "Scenario for Desk, with Caw joining: Caw would pay £50 more and Ash £30 (50%) less"
    )
    assert "so it joins at 50.0%: what it bears of the services that it takes" in exhibit.subtitle
    assert exhibit.chart.notes == ("£30, 50% less", "£50, new", "£20, 50% less")
    unknown = true_cost.scenario(
        **_asked(service_id="desk", council_id="caw", leaves=False, basis="volume")
    )
    assert unknown.title == (
        "Scenario for Desk, shared by volume of work: nobody would pay more or less"
    )
    assert "Caw joins no service by this" in unknown.subtitle
    assert "for want of figures for each of its councils: Desk" in unknown.subtitle


def test_overheads_are_part_of_what_is_shared(plant):  # noqa: F811
    plant(
        costs=costs("ash 60.00", "bor 40.00", "bor 10.00 service=plan"),
        cost_shares=shares(desk="ash .6 bor .4"),
    )
    exhibit = true_cost.scenario(**_asked(basis="equal"))
    assert _paid(exhibit, "desk") == {
        "ash": ("66.00", "55.00", "-11.00"),
        "bor": ("44.00", "55.00", "11.00"),
        "together": ("110.00", "110.00", "0.00"),
    }
    assert _paid(exhibit, "all services") == {}


def test_volumes_are_added_up_or_averaged_over_the_months_in_which_they_were_reported(plant):  # noqa: F811
    plant(
        costs=costs("ash 60.00", "bor 40.00"),
        cost_shares=shares(desk="ash .6 bor .4"),
        # Sixty a quarter are twenty a month, as many as bor's one month.
        volumes="2017-18 Q1,desk,ash,calls,60,flow\n2017-04,desk,bor,calls,20,flow\n"
        "2017-04,desk,ash,seats,1,level\n",
    )
    assert _paid(true_cost.scenario(**_asked(basis="volume")), "desk")["ash"][1] == "50.00"


def test_a_workspace_without_shared_cost_has_nothing_to_share_otherwise(plant):  # noqa: F811
    plant(costs=costs("ash 100.00 block=non_shared"))
    assert true_cost.scenario(**_asked(basis="equal")).empty


@pytest.fixture
def opened():
    startup.prepare.cache_clear()

    def at(**query: str) -> AppTest:
        app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        app.switch_page("pages/true_cost.py").run()
        assert not app.exception
        return app

    return at


def _findings(app: AppTest) -> list[str]:
    return [h.value.split("</h2>")[0].split(">", 1)[1] for h in app.get("html") if "<h2" in h.value]


def test_a_link_is_a_scenario_and_without_one_today_is_shown(use, opened):
    use("shipped")
    link = {"service": "Finance", "who": "Bexley leaves", "moves": "Half of it"}
    assert _findings(opened(**link))[0] == (
        "Scenario for Finance, without Bexley: Newham would pay £187,856 (9%) more and "
        "Havering £183,487 (9%) more"
    )
    plain = _findings(opened(service="Finance"))
    assert not any("Scenario" in f for f in plain)
    assert "As agreed, Finance is shared 43% Newham, 42% Havering and 15% Bexley (2017/18)" in plain


def test_unknown_words_in_a_link_fall_back_to_today(use, opened):
    use("shipped")
    plain = _findings(opened())
    assert _findings(opened(basis="Luck", who="Camden leaves", moves="Some", period="x")) == plain
    # How much of a cost moves means nothing while nobody does.
    assert _findings(opened(moves="Half of it")) == plain


def test_a_choice_shows_the_scenario_at_once(use, opened):
    use("shipped")
    app = opened(period="2016/17")
    app.selectbox(key="basis").select("Equal parts").run()
    assert _findings(app)[0] == (
        "Scenario for all services, shared equally: Bexley would pay £5.07m (155%) more and "
        "Newham £4.94m (18%) less"
    )
    app.selectbox(key="who").select("Bexley leaves").run()
    app.selectbox(key="moves").select("All of it").run()
    assert not app.exception
    said = " ".join(h.value for h in app.get("html"))
    assert "All of Bexley’s part goes with it (£8,335,706.42); the others bear what stays" in said

"""`python -m tests.same`: two checkouts that answer the same differ in nothing, others are told."""

import shutil

import pytest

from dashboard.settings import ROOT
from tests import same
from tests.same import Difference, Exports, differences, told
from tests.small_workspaces import figures, ledger


@pytest.fixture
def exports(plant) -> Exports:
    workspace = plant(
        figures(path="figures.csv"),
        ledger(path="payments.csv"),
        figures="Month,Value\n2018-02,10\n2018-03,12.5\n",
        payments="Date,Supplier,Amount\n2018-03-01,Acme,100.10\n",
    )
    return Exports("small", workspace.data, workspace.contract)


@pytest.fixture
def changed(tmp_path):
    """A copy of this checkout in which each service has a measure more than it has."""
    copy = tmp_path / "changed"
    for folder in ("dashboard", "queries"):
        shutil.copytree(ROOT / folder, copy / folder)
    query = copy / "queries" / "services.sql"
    was = query.read_text(encoding="utf-8")
    assert "coalesce(m.n, 0) as measures" in was
    query.write_text(was.replace("coalesce(m.n, 0)", "coalesce(m.n, 0) + 1"), encoding="utf-8")
    return copy


def test_a_checkout_answers_the_same_twice_and_a_changed_figure_is_told(exports, changed, tmp_path):
    first, second, other = (same.dump(c, exports, tmp_path) for c in (ROOT, ROOT, changed))
    assert first["queries"]["services"][""]["rows"] == ["parks | parks | None | 1"]
    assert "performance" in str(first["load"])
    title = next(iter(first["exhibits"]["measures.trend"].values()))["title"]
    assert "12.5" in title
    assert list(differences("small", first, second)) == []
    row = "parks | parks | None | "
    found = list(differences("small", first, other))
    assert Difference("small", "query services", "", "rows", f"{row}1", f"{row}2") in found
    asked = {**first["queries"], **first["exhibits"]}
    lacking = {name: said[""] for name, said in asked.items() if isinstance(said.get(""), str)}
    assert lacking == {}, "give these parameters a value in tests/dump.py"


def test_the_shipped_workspace_and_every_contract_of_the_tests_are_compared(tmp_path):
    every, lacking = same.workspaces(tmp_path)
    names = [one.name for one in every]
    assert names[0] == "shipped"
    contracts = [p.parent for p in (ROOT / "tests").glob("**/datapackage.json")]
    assert {*names[1:], *lacking} >= {str(c.relative_to(ROOT / "tests")) for c in contracts}


EXHIBIT = {"title": "Cost £1", "table": {"rows": ["a | 1", "b | 2"]}, "chart": None}


def _dumped(**changes) -> dict:
    return {"exhibits": {"costs.to_date": {"by=x": {**EXHIBIT, **changes}, "by=y": EXHIBIT}}}


@pytest.mark.parametrize(
    ("changes", "field", "old", "new"),
    [
        ({"title": "Cost £2"}, "title", "Cost £1", "Cost £2"),
        ({"table": {"rows": ["a | 1", "b | 3"]}}, "table rows", "b | 2", "b | 3"),
        ({"table": {"rows": ["b | 2"]}}, "table rows", '["a | 1"]', "(nothing)"),
        ({"chart": {"unit": "£"}}, "chart", "(nothing)", '{"unit": "£"}'),
        ({"alt": "A line"}, "alt", "(nothing)", "A line"),
    ],
)
def test_a_difference_names_workspace_exhibit_field_old_and_new(changes, field, old, new):
    (found,) = differences("lgbf", _dumped(), _dumped(**changes))
    assert found == Difference("lgbf", "exhibit costs.to_date", "by=x", field, old, new)


def test_an_exhibit_that_is_gone_and_one_that_is_new_are_told():
    old, new = {"exhibits": {"a.one": {"": EXHIBIT}}}, {"exhibits": {"a.two": {"": EXHIBIT}}}
    assert [(d.what, d.old, d.new) for d in differences("lgbf", old, new)] == [
        ("exhibit a.one", "there", "(nothing)"),
        ("exhibit a.two", "(nothing)", "there"),
    ]


def test_what_differs_alike_is_told_once_and_counted():
    found = [
        Difference("lgbf", "exhibit a.one", f"by={n}", "title", "Cost £1", "Cost £2")
        for n in range(3)
    ]
    assert told(found) == [
        "lgbf · exhibit a.one · title",
        "    (by=0, and 2 more alike)",
        "    old: Cost £1",
        "    new: Cost £2",
    ]


def test_neither_checkout_nor_dump_is_said(tmp_path, capsys):
    assert same.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path} is neither a checkout nor a dump\n"

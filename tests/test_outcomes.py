"""What a load says of itself is true: in words, as JSON, by its exit status, and of the files."""

import json
from pathlib import Path

import pytest

from dashboard.__main__ import main
from dashboard.load import versions

FIELDS = [
    {"name": "date", "type": "date", "onesource": {"constant": "2018-04-30"}},
    {"name": "service_id", "onesource": {"constant": "all"}},
    {"name": "council_id", "onesource": {"constant": "x"}},
    {"name": "supplier", "onesource": {"names": ["Supplier"]}},
    {"name": "amount_gbp", "type": "number", "onesource": {"names": ["Amount"]}},
]
HEADER = "Supplier,Amount\n"
GOOD = "Alder,1.00\nBirch,2.00\n"
WRONG = "Cedar,n/k\n"


class Desk:
    """A workspace of payments on the command line: what a command prints and answers."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.warehouse, self.capsys = folder / "data", folder / "warehouse", capsys
        self.data.mkdir()
        self.contract(FIELDS)

    def contract(self, fields: list[dict]) -> None:
        resource = {"name": "ledger", "path": "*.csv", "schema": {"fields": fields}}
        (self.data / "datapackage.json").write_text(json.dumps({"resources": [resource]}))

    def puts(self, name: str, text: str) -> None:
        (self.data / name).write_text(text)

    def runs(self, *command: str) -> tuple[int, str]:
        status = main(
            [*command, "--data", str(self.data), "--warehouse", str(self.warehouse)],
        )
        return status, self.capsys.readouterr().out

    @property
    def served(self) -> str | None:
        return versions.current_version(self.warehouse)


@pytest.fixture
def desk(tmp_path, capsys) -> Desk:
    return Desk(tmp_path, capsys)


def _fresh(desk: Desk) -> None:
    desk.puts("a.csv", HEADER + GOOD)


def _with_one_wrong(desk: Desk) -> None:
    desk.puts("a.csv", HEADER + GOOD + WRONG)


def _all_wrong(desk: Desk) -> None:
    desk.puts("a.csv", HEADER + WRONG)


def _empty_file(desk: Desk) -> None:
    desk.puts("a.csv", "")


def _no_files(desk: Desk) -> None:
    pass


def _wrong_contract(desk: Desk) -> None:
    _fresh(desk)
    desk.contract([{"name": "no such field"}])


def _served_already(desk: Desk) -> None:
    _fresh(desk)
    desk.runs("load")


def _served_and_then_wrong(desk: Desk) -> None:
    _served_already(desk)
    _all_wrong(desk)


def _held_back(desk: Desk) -> None:
    _served_already(desk)
    first = desk.served
    desk.puts("a.csv", HEADER + GOOD + "Cedar,3.00\n")
    desk.runs("load")
    desk.runs("restore", str(first))


def _as_it_was(desk: Desk) -> None:
    _served_already(desk)
    desk.puts("b.csv", HEADER + "Cedar,3.00\n")
    desk.runs("load")
    (desk.data / "b.csv").unlink()


# How the desk comes to it, the outcome, whether all is clean, and what the last line says.
OUTCOMES = [
    (_fresh, "published", True, "Published data version"),
    (_with_one_wrong, "published", False, "Published data version"),
    (_all_wrong, "refused", False, "Nothing was published, and no data is served yet."),
    (_empty_file, "refused", False, "Nothing was published, and no data is served yet."),
    (_no_files, "refused", False, "Nothing was published, and no data is served yet."),
    (_served_already, "current", True, "nothing had changed"),
    (
        _served_and_then_wrong,
        "refused",
        False,
        "Nothing was published: the data served before is still served.",
    ),
    (_held_back, "held back", True, "is held back: an older one was restored"),
    (_as_it_was, "published", True, "Published data version"),
    (_wrong_contract, "failed", False, ""),
]


@pytest.mark.parametrize(("comes_to_it", "outcome", "clean", "sentence"), OUTCOMES)
def test_words_json_and_exit_status_say_what_came_of_a_load(
    tmp_path, capsys, comes_to_it, outcome, clean, sentence
):
    said: list[tuple[int, str]] = []
    for way in ([], ["--json"]):
        folder = tmp_path / f"as{''.join(way)}"
        folder.mkdir()
        desk = Desk(folder, capsys)
        comes_to_it(desk)
        before = desk.served
        said.append(desk.runs("load", *way))
        assert (desk.served != before) == (outcome == "published")
    (status, words), (status_of_json, printed) = said
    report = json.loads(printed)
    assert status == status_of_json == (1 if outcome in ("refused", "failed") else 0)
    assert (report["outcome"], report["is_clean"]) == (outcome, clean)
    assert report["published"] == (outcome == "published")
    assert sentence in (words.splitlines() or [""])[-1]
    if outcome == "failed":
        return
    assert report["serving"] == desk.served
    assert report["already_current"] == (outcome == "current")
    assert report["held_back"] == (outcome == "held back")
    assert (report["refused"] is None) == (status == 0)
    for file in report["files"]:
        assert file["refused"] is None or f"refused: {file['refused']}" in words


@pytest.mark.parametrize(
    ("text", "status", "outcome"),
    [
        (HEADER + GOOD, 0, "checked"),
        (HEADER + GOOD + WRONG, 1, "checked"),
        (HEADER + WRONG, 1, "refused"),
        ("", 1, "refused"),
        ("Name,Number\n1,2\n", 1, "refused"),
    ],
)
def test_a_check_never_publishes_and_says_the_same_in_words_and_as_json(
    desk, tmp_path, text, status, outcome
):
    file = tmp_path / "b.csv"
    file.write_text(text)
    in_words, words = desk.runs("check", str(file), "--feed", "ledger")
    as_json, printed = desk.runs("check", str(file), "--feed", "ledger", "--json")
    report = json.loads(printed)
    assert in_words == as_json == status and desk.served is None
    assert (report["published"], report["outcome"]) == (False, outcome)
    assert report["is_clean"] == (status == 0)
    assert ("Nothing is wrong." in words) == (status == 0)
    assert words.splitlines()[-1] == "Nothing was published: this was a check."


@pytest.mark.parametrize(
    ("rows", "said"),
    [(1, "its only row is wrong"), (3, "all of its 3 rows are wrong")],
)
def test_a_file_of_which_nothing_loads_is_refused_however_short(desk, rows, said):
    desk.puts("a.csv", HEADER + GOOD)
    desk.puts("b.csv", HEADER + WRONG * rows)
    status, words = desk.runs("load")
    assert status == 1 and desk.served is None
    assert f"refused: {said}, so that nothing of the file can be loaded. The first: line 2" in words


@pytest.mark.parametrize("below", ["", "\n\n", "Note: no payments were made in April\n"])
def test_a_month_without_rows_is_loaded_and_said_to_have_none(desk, below):
    desk.puts("a.csv", HEADER + GOOD)
    desk.puts("b.csv", HEADER + below)
    status, words = desk.runs("load")
    assert status == 0 and "no row of data stands below the header" in words

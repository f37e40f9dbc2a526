"""A ledger file whose lines all stand in another too is told: it would count twice."""

from dashboard.load.publish import load
from tests.small_workspaces import ledger

LINES = [f"2018-04-{day:02d},Supplier {day},{100 + day}.00" for day in range(1, 11)]
HEADER = "Date,Supplier,Amount"


def _notes(report) -> dict[str, list[str]]:
    return {f.file: [n for n in f.notes if "every line" in n] for f in report.files if f.notes}


def _text(lines: list[str]) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def test_a_file_sent_again_in_other_bytes_is_told(plant, either_reader):
    again = '"' + _text(LINES).replace(",", '","').replace("\n", '"\n"').removesuffix('"')
    workspace = plant(ledger(), april=_text(LINES), april_again=again)
    assert _notes(load(workspace)) == {
        "april_again.csv": [
            "every line of it stands in april.csv too (10 lines, 1,055.00), and is counted twice: "
            "if it was sent again, take one of them away"
        ]
    }
    # A look again says it again, and once; without the other there is nothing to say.
    (workspace.data / "may.csv").write_text(_text(["2018-05-01,Ash,1.00"]))
    assert len(_notes(load(workspace))["april_again.csv"]) == 1
    (workspace.data / "april.csv").unlink()
    assert _notes(load(workspace)).get("april_again.csv", []) == []


def test_a_later_file_that_repeats_the_earlier_one_is_told_at_the_earlier(plant, either_reader):
    longer = _text([*LINES, "2018-05-01,Ash,7.00"])
    workspace = plant(ledger(), april=_text(LINES), so_far=longer)
    assert _notes(load(workspace)) == {
        "april.csv": [
            "every line of it stands in so_far.csv too (10 lines, 1,055.00), and is counted twice: "
            "if it was sent again, take one of them away"
        ]
    }


def test_files_that_differ_by_a_penny_or_have_few_lines_are_not(plant, either_reader):
    other = _text([*LINES[:-1], LINES[-1].replace(".00", ".01")])
    workspace = plant(
        ledger(), a=_text(LINES), b=other, c=_text(LINES[:4]), d=_text(LINES[:4][::-1])
    )
    assert not any(_notes(load(workspace)).values())

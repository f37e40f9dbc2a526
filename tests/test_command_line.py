"""`python -m dashboard`: what the data officer, and anyone checking us, sees."""

import csv
import io
import json
import subprocess
import sys

import pytest
from pptx import Presentation

from dashboard import settings
from dashboard.__main__ import main
from dashboard.stories.file import to_text
from tests.test_slides import a_line, a_trend, an_exhibit, story


@pytest.fixture
def shipped(use):
    return use("shipped")


def _out(capsys, *arguments: str, status: int = 0) -> str:
    assert main(list(arguments)) == status
    return capsys.readouterr().out


def test_load_prints_an_account_of_each_file_that_adds_up(shipped, capsys):
    report = json.loads(_out(capsys, "load", "--json"))
    assert report["already_current"] and len(report["files"]) > 100
    for f in report["files"]:
        assert f["read"] == f["loaded"] + f["set_aside"] + sum(f["skipped"].values())
    lines = _out(capsys, "load").splitlines()
    assert "all" in lines[-2] and "nothing had changed" in lines[-1]
    totals = [int(x.replace(",", "")) for x in lines[-2].split()[1:]]
    assert totals[0] == sum(totals[1:]) == sum(f["read"] for f in report["files"])


def test_load_says_what_is_refused_and_that_the_old_data_serves_on(tmp_path, capsys):
    (tmp_path / "datapackage.json").write_text(
        json.dumps(
            {
                "resources": [
                    {
                        "name": "services",
                        "path": "*.csv",
                        "schema": {"fields": [{"name": "service_id"}, {"name": "name"}]},
                    }
                ]
            }
        )
    )
    (tmp_path / "services.csv").write_text("")
    warehouse = str(tmp_path / "w")
    said = _out(capsys, "load", "--data", str(tmp_path), "--warehouse", warehouse, status=1)
    assert "refused: the file is empty" in said
    assert "Nothing was published" in said


def test_load_says_where_a_contract_is_wrong(tmp_path, capsys):
    assert main(["load", "--data", str(tmp_path)]) == 1
    assert "no contract can be read here" in capsys.readouterr().err


def test_query_answers_as_csv_and_json_with_the_same_figures(shipped, capsys):
    arguments = (
        "query",
        "measure_trend",
        "measure_ids=sickness_days",
        "council_ids=havering",
        "from_month=2016-03",
        "to_month=2016-03",
    )
    (row,) = csv.DictReader(io.StringIO(_out(capsys, *arguments)))
    (same,) = json.loads(_out(capsys, *arguments, "--format", "json"))
    assert float(row["value"]) == same["value"] == 10.46
    assert same["source"] == "Overview and scrutiny papers"
    assert same["file"] == "performance/performance-2016-03.csv"
    exported = (settings.ROOT / "data" / same["file"]).read_text().splitlines()
    assert "sickness_days,10.46" in exported[same["line"] - 1]


def test_query_keeps_every_penny_in_json(shipped, capsys):
    (row,) = (r for r in json.loads(_out(
        capsys, "query", "standing_costs", "service_id=null", "council_ids=havering,newham,bexley",
        "to_month=2018-03", "--format", "json",
    )) if r["service_id"] is None and r["council_id"] is None)  # fmt: skip
    assert isinstance(row["actual_gbp"], str)
    published = sum((-630_000, -649_000, -63_000, -812_000, 7_065_000, -407_000))
    assert int(row["actual_gbp"].replace(".", "")) - int(row["budget_gbp"].replace(".", "")) == (
        published * 100
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "there is no query 'nothing'"),
        (["councils", "colour=red"], "takes no parameters"),
        (["councils", "colour"], "not of the form parameter=value"),
        (["measure_trend"], "query 'measure_trend' takes council_ids, from_month"),
        (["signals", "service_id=null", "council_ids=bexley", "from_month=x", "to_month=2018-03"],
         "Invalid isoformat"),
    ],
)  # fmt: skip
def test_query_says_what_is_wrong_with_a_request(shipped, capsys, arguments, message):
    assert main(["query", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_query_without_a_name_lists_the_questions(shipped, capsys):
    said = _out(capsys, "query")
    assert "measure_trend" in said and "How has each measure moved" in said


def test_help_explains_both(capsys):
    for command in ("load", "query"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "--contract" in said and "--format" in said


def test_export_writes_a_story_as_a_document(shipped, capsys, tmp_path):
    told, out = tmp_path / "story.json", tmp_path / "deck.pptx"
    told.write_text(to_text(story(an_exhibit(a_trend(a_line())))), encoding="utf-8")
    said = _out(capsys, "export", str(told), "--to", "pptx", str(out))
    assert said == f"Wrote “Where we stand”, 1 slide, to {out}.\n"
    assert [s.shapes.title.text for s in Presentation(str(out)).slides] == [
        "Where we stand",
        "Voids rose to 9.3%",
    ]
    # The workspace lends the names of what was chosen.
    foot = next(s for s in Presentation(str(out)).slides[1].shapes if s.name.startswith("Filters"))
    assert foot.text_frame.text == (
        "Illustrative data · Newham · January to June 2017 · Source: Council papers · "
        "Owner: Head of Assets · Data version v1 · 26 April 2018"
    )


def test_export_says_why_a_file_is_no_story_and_writes_nothing(capsys, tmp_path):
    (tmp_path / "x.json").write_bytes(b"\xff\xfe")
    out = tmp_path / "deck.xlsx"
    for name, said in (("x.json", "x.json: 'utf-8' codec"), ("y.json", "No such file")):
        assert main(["export", str(tmp_path / name), "--to", "xlsx", str(out)]) == 1
        assert said in capsys.readouterr().err
    assert not out.exists()


def test_what_writes_documents_is_not_imported_at_the_start():
    code = (
        "import sys, dashboard.__main__, dashboard.stories.formats, dashboard.startup;"
        "print([m for m in ('pptx', 'docx', 'xlsxwriter') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_export_takes_a_story_by_its_title_from_where_stories_are_kept(
    use, tmp_path, monkeypatch, capsys
):
    use("shipped")
    monkeypatch.setenv("STORIES_DATABASE", f"sqlite:///{(tmp_path / 's.sqlite').as_posix()}")
    out = tmp_path / "deck.pptx"
    assert main(["export", "Where we stand, April 2018", "--to", "pptx", str(out)]) == 0
    assert "10 slides" in capsys.readouterr().out and out.stat().st_size > 50_000
    assert main(["export", "Nothing of ours", "--to", "xlsx", str(tmp_path / "no.xlsx")]) == 1
    assert "stories: “Where we stand, April 2018”" in capsys.readouterr().err
    assert not (tmp_path / "no.xlsx").exists()

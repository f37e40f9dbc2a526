"""The command line: `python -m dashboard load | check | describe | query | export | report …`."""

import argparse
import csv
import io
import json
import re
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dashboard import reading, settings, warehouse
from dashboard.load import intake, older_versions, told, versions
from dashboard.load.contract import ContractError
from dashboard.load.describe import describe
from dashboard.load.feeds import FEEDS
from dashboard.load.publish import LoadRefused, LoadReport, load
from dashboard.load.text import FileRefused
from dashboard.load.versions import LoadFailed
from dashboard.method.financial_year import april_of
from dashboard.stories.formats import FORMATS

if TYPE_CHECKING:
    from dashboard.exhibits.story import Story


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if the data or the request is wrong."""
    if hasattr(signal, "SIGPIPE"):
        # `… | head` closes the pipe early; that is the reader's right and no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = _parser()
    given = parser.parse_args(arguments)
    with redirect_stdout(_Inert(sys.stdout)), redirect_stderr(_Inert(sys.stderr)):
        return given.run(given)


class _Inert(io.TextIOBase):
    """A stream to a terminal that no text of an export can make do anything: a file's name or a
    supplier's may hold the signs that move its cursor, change its title or turn its words round."""

    _CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        # Windows' line ends are what the writer of CSV files gives.
        self._stream.write(self._CONTROLS.sub("", text.replace("\r\n", "\n")))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboard", description="oneSource's dashboard, without the screens."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    loading = commands.add_parser(
        "load",
        help="read the exports and publish a snapshot",
        description="Read a workspace's exports against its contract and publish a snapshot. "
        "For each file: rows read = loaded + set aside + skipped, with reasons; its own total "
        "beside its rows; and what changed of figures published before. "
        "Exit status 1 if a file was refused (nothing is published then) or the contract is wrong.",
    )
    _workspace_options(loading, with_json=True)
    loading.set_defaults(run=_load)

    checking = commands.add_parser(
        "check",
        help="say what is wrong with files, before they are put in the folder",
        description="Read files as if they stood in the workspace, against its contract and all "
        "that it holds, and say what would be loaded, set aside and restated. Publishes nothing. "
        "Exit status 1 where anything is wrong or doubtful.",
    )
    checking.add_argument("files", nargs="+", metavar="FILE")
    checking.add_argument("--feed", help="the feed or resource of the contract that they are of")
    _workspace_options(checking, with_json=True)
    checking.set_defaults(run=_check)

    describing = commands.add_parser(
        "describe",
        help="propose a contract for a file never seen",
        description="Propose a contract for a file, as datapackage JSON to edit: its columns and "
        "types, what they could mean, and what is ambiguous.",
    )
    describing.add_argument("file", metavar="FILE")
    describing.add_argument("--feed", choices=list(FEEDS), help="the feed that the file is of")
    describing.set_defaults(run=_describe)

    listing = commands.add_parser("versions", help="list the snapshots that are kept")
    _workspace_options(listing)
    listing.set_defaults(run=_versions)

    restoring = commands.add_parser(
        "restore", help="serve a snapshot that is kept, until the exports change"
    )
    restoring.add_argument("version")
    _workspace_options(restoring)
    restoring.set_defaults(run=_restore)

    asking = commands.add_parser(
        "query",
        help="run one file of queries/ and print the answer",
        description="Run one file of queries/. Lists are comma-separated, months are YYYY-MM, "
        "null is nothing. Without a name: list the queries.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asking.add_argument("name", nargs="?", help="the query, e.g. measure_trend")
    asking.add_argument("parameters", nargs="*", metavar="parameter=value")
    asking.add_argument("--format", choices=("csv", "json"), default="csv")
    _workspace_options(asking)
    asking.set_defaults(run=_query)

    exporting = commands.add_parser(
        "export",
        help="write a story as a document to take home",
        description="Write a story as a document: "
        + ", ".join(f"{word} ({about.name})" for word, about in FORMATS.items())
        + ". Its figures are those it was made with; a workspace, where one is loaded, lends the "
        "names of what was chosen.",
    )
    exporting.add_argument("story", metavar="STORY", help="a story's title or id, or a story file")
    exporting.add_argument("--to", choices=list(FORMATS), required=True, help="what to write")
    exporting.add_argument("file", metavar="FILE", type=Path, help="where to write it")
    exporting.set_defaults(run=_export)

    reporting = commands.add_parser(
        "report",
        help="write the report to the committee as a Word document",
        description="Write the report to the Joint Committee: the whole service, by borough, and "
        "every exception with its owner. All councils and the newest financial year, unless told "
        "otherwise.",
    )
    reporting.add_argument("file", metavar="FILE", type=Path, help="where to write it")
    reporting.add_argument("--councils", metavar="IDS", help="council ids, by commas")
    reporting.add_argument("--from", dest="first", metavar="MONTH", help="2017-04")
    reporting.add_argument("--to", dest="last", metavar="MONTH", help="2018-03")
    reporting.set_defaults(run=_report)

    making = commands.add_parser(
        "illustrate",
        help="write the illustrative workspace, at any scale",
        description="Write the illustrative exports of oneSource. The same seed writes the same "
        "files. The contract is data/datapackage.json.",
    )
    making.add_argument("out", type=Path, help="folder to write into")
    making.add_argument("--seed", type=int, default=2018)
    making.add_argument("--ledger-lines", type=int, default=40_000)
    making.set_defaults(run=_illustrate)
    return parser


def _workspace_options(parser: argparse.ArgumentParser, *, with_json: bool = False) -> None:
    if with_json:
        parser.add_argument("--json", action="store_true", help="print the account as JSON")
    parser.add_argument("--data", help="folder of exports (default: $DATA, else data/)")
    parser.add_argument("--contract", help="its datapackage.json (default: $CONTRACT, else there)")
    parser.add_argument("--warehouse", help="folder of snapshots (default: $WAREHOUSE)")


def _load(given: argparse.Namespace) -> int:
    workspace = settings.workspace(given.data, given.contract, given.warehouse)
    try:
        report = load(workspace)
    except (ContractError, LoadFailed) as error:
        return _fail(error, given.json)
    except LoadRefused as refusal:
        report = refusal.report
    _tell(report, given.json, None)
    if not given.json:
        print(told.of_outcome(report))
    return 0 if report.refused is None else 1


def _fail(error: Exception, as_json: bool) -> int:
    if as_json:
        print(json.dumps(told.failure(str(error)), indent=2))
    print(error, file=sys.stderr)
    return 1


def _tell(report: LoadReport, as_json: bool, only: set[str] | None) -> None:
    if as_json:
        print(json.dumps(told.as_json(report), indent=2))
        return
    if report.refused is not None and not report.files:
        print(report.refused, file=sys.stderr)
    print("\n".join(told.as_lines(report, only)))


def _check(given: argparse.Namespace) -> int:
    workspace = settings.workspace(given.data, given.contract, given.warehouse)
    try:
        placed = intake.place(workspace, [Path(f) for f in given.files], given.feed)
        report = load(workspace, uploads=placed, only_try=True)
    except LoadRefused as refusal:
        report = refusal.report
    except (ContractError, LoadFailed, intake.NotPlaced) as error:
        return _fail(error, given.json)
    names = set(placed)
    report.files = [f for f in report.files if f.file in names or f.refused]
    report.problems = [p for p in report.problems if p["file"] in names]
    report.warnings = [w for w in report.warnings if w["file"] in names]
    wrong = not report.is_clean or bool(report.warnings)
    _tell(report, given.json, names | {f.file for f in report.files if f.refused})
    if not given.json:
        print("Something is wrong: see above." if wrong else "Nothing is wrong.")
        print(told.of_outcome(report))
    return 1 if wrong else 0


def _describe(given: argparse.Namespace) -> int:
    try:
        proposal = describe(Path(given.file), given.feed)
    except FileRefused as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(proposal, indent=2, ensure_ascii=False))
    return 0


def _versions(given: argparse.Namespace) -> int:
    warehouse_folder = settings.workspace(given.data, given.contract, given.warehouse).warehouse
    current = versions.current_version(warehouse_folder)
    for version in versions.kept(warehouse_folder):
        print(f"{version}{'  current' if version == current else ''}")
    return 0


def _restore(given: argparse.Namespace) -> int:
    workspace = settings.workspace(given.data, given.contract, given.warehouse)
    try:
        warehouse.restore(given.version, workspace)
    except (versions.UnknownVersion, LoadFailed) as error:
        print(error.args[0], file=sys.stderr)
        return 1
    print(f"Data version {given.version} is served now, until the exports change.")
    if waves := older_versions.withheld(workspace.warehouse, given.version):
        print(
            f"It shows nothing of the survey of {', '.join(f'{m:%Y-%m}' for m in waves)}, which a "
            "later version gives otherwise. Load that survey's file again to have it shown."
        )
    return 0


def _query(given: argparse.Namespace) -> int:
    if given.name is None:
        for name in warehouse.names():
            print(f"{name:<28} {warehouse.describe(name).splitlines()[0]}")
        return 0
    try:
        parameters = {}
        for one in given.parameters:
            key, mark, text = one.partition("=")
            if not mark:
                raise warehouse.WrongParameters(f"'{one}' is not of the form parameter=value")
            parameters[key] = warehouse.as_parameter(key, text)
        answer = warehouse.fetch(
            given.name,
            workspace=settings.workspace(given.data, given.contract, given.warehouse),
            **parameters,
        )
    except (LookupError, ValueError) as error:
        print(error.args[0] if error.args else error, file=sys.stderr)
        if given.name in warehouse.names():
            print(f"\n{warehouse.describe(given.name)}", file=sys.stderr)
        return 1
    if given.format == "json":
        print(json.dumps(told.plain(answer.rows()), indent=1))
    else:
        out = csv.writer(sys.stdout)
        out.writerow(answer.columns)
        out.writerows(zip(*answer.values, strict=True))
    return 0


def _export(given: argparse.Namespace) -> int:
    # What reads a story draws it too, and what draws is not wanted by any other command.
    from dashboard.stories import file, formats

    try:
        if given.story.endswith(".json") or Path(given.story).is_file():
            story = file.from_text(Path(given.story).read_text(encoding="utf-8"))
        else:
            story = _kept(given.story)
        given.file.write_bytes(formats.write(story, given.to))
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except (ValueError, RuntimeError) as error:
        print(f"{given.story}: {error}", file=sys.stderr)
        return 1
    except LookupError as error:
        print(f"{given.story}: {error.args[0]}", file=sys.stderr)
        return 1
    slides = len(story.slides)
    print(f"Wrote “{story.title}”, {slides} slide{'' if slides == 1 else 's'}, to {given.file}.")
    return 0


def _report(given: argparse.Namespace) -> int:
    try:
        with reading.bound(reading.now()):
            return _write_report(given)
    except reading.NoSnapshot as error:
        print(error.args[0], file=sys.stderr)
        return 1


def _write_report(given: argparse.Namespace) -> int:
    from dashboard.exhibits import reference
    from dashboard.stories import committee, formats

    every = reference.council_names("council")
    asked = tuple(i.strip() for i in given.councils.split(",")) if given.councils else tuple(every)
    if unknown := [i for i in asked if i not in every]:
        print(f"no council '{unknown[0]}'; there are: {', '.join(every)}", file=sys.stderr)
        return 1
    newest = reference.workspace()["newest_month"]
    if newest is None:
        print("nothing to report: no month has any figure", file=sys.stderr)
        return 1
    try:
        last = warehouse.as_parameter("month", given.last) if given.last else newest
        april = april_of(last)
        first = warehouse.as_parameter("month", given.first) if given.first else april
    except ValueError:
        print("a month is written as 2018-03", file=sys.stderr)
        return 1
    found = committee.report(council_ids=asked, from_month=first, to_month=last)
    on = reference.workspace()["as_of"] or datetime.now(UTC).date()
    try:
        given.file.write_bytes(formats.write_report(found, on))
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Wrote “{found.subtitle}” to {given.file}.")
    return 0


def _kept(word: str) -> "Story":
    from dashboard.stories import shelf

    store = shelf.opened()
    found = store.find(word)
    if found is None:
        there = ", ".join(f"“{s.title}”" for s in store.stories()) or "none"
        raise LookupError(f"no file and no story of that name; stories: {there}")
    return store.story(found)


def _illustrate(given: argparse.Namespace) -> int:
    from dashboard import illustrative

    illustrative.write(given.out, seed=given.seed, ledger_lines=given.ledger_lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())

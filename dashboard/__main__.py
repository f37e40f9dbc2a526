"""The command line: `python -m dashboard load | query | illustrate`."""

import argparse
import csv
import json
import signal
import sys
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from dashboard import settings, warehouse
from dashboard.load.contract import ContractError
from dashboard.load.publish import LoadRefused, LoadReport, load

# Reasons printed per file. All of them stand in the snapshot; a screen holds this many.
_REASONS_SHOWN = 10


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if the data or the request is wrong."""
    if hasattr(signal, "SIGPIPE"):
        # `… | head` closes the pipe early; that is the reader's right and no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = _parser()
    given = parser.parse_args(arguments)
    return given.run(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboard", description="oneSource's dashboard, without the screens."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    loading = commands.add_parser(
        "load",
        help="read the exports and publish a snapshot",
        description="Read a workspace's exports against its contract and publish a snapshot. "
        "For each file: rows read = loaded + set aside + skipped, with reasons. "
        "Exit status 1 if a file was refused (nothing is published then) or the contract is wrong.",
    )
    _workspace_options(loading)
    loading.add_argument("--json", action="store_true", help="print the account as JSON")
    loading.set_defaults(run=_load)

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


def _workspace_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder of exports (default: $DATA, else data/)")
    parser.add_argument("--contract", help="its datapackage.json (default: $CONTRACT, else there)")
    parser.add_argument("--warehouse", help="folder of snapshots (default: $WAREHOUSE)")


def _load(given: argparse.Namespace) -> int:
    workspace = settings.workspace(given.data, given.contract, given.warehouse)
    status = 0
    try:
        report = load(workspace)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 1
    except LoadRefused as refusal:
        report, status = refusal.report, 1
    if given.json:
        print(json.dumps(_as_json(report), indent=2))
    else:
        _print(report, refused=status == 1)
    return status


def _as_json(report: LoadReport) -> dict:
    return {
        "version": report.version,
        "published": report.published,
        "already_current": report.already_current,
        "files": [asdict(f) for f in report.files],
        "problems": report.problems,
    }


def _print(report: LoadReport, refused: bool) -> None:
    print(f"{'feed':<13} {'read':>10} {'loaded':>10} {'set aside':>10} {'skipped':>10}  file")
    for file_id, f in enumerate(report.files):
        counts = f"{f.read:>10,} {f.loaded:>10,} {f.set_aside:>10,} {sum(f.skipped.values()):>10,}"
        print(f"{f.feed:<13} {counts}  {f.file}")
        if f.refused:
            print(f"{'':<14}refused: {f.refused}")
        for reason, rows in sorted(f.skipped.items()):
            print(f"{'':<14}{rows:,} skipped: {reason}")
        mine = [p for p in report.problems if p["file_id"] == file_id]
        for p in mine[:_REASONS_SHOWN]:
            said = "" if p["value"] is None else f" '{p['value']}'"
            print(
                f"{'':<14}line {p['line']}: {p['field']}{said}: {p['reason']}"
                f" (expected {p['expected']})"
            )
        if len(mine) > _REASONS_SHOWN:
            print(f"{'':<14}… and {len(mine) - _REASONS_SHOWN:,} more (--json prints all)")
    total = [
        sum(getattr(f, part) for f in report.files) for part in ("read", "loaded", "set_aside")
    ]
    skipped = sum(sum(f.skipped.values()) for f in report.files)
    print(f"{'all':<13} {total[0]:>10,} {total[1]:>10,} {total[2]:>10,} {skipped:>10,}")
    if refused:
        print("Nothing was published: the data served before is still served.")
    elif report.already_current:
        print(f"Data version {report.version} was current already; nothing had changed.")
    else:
        print(f"Published data version {report.version}.")


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
        print(json.dumps(answer.rows(), default=_plain, indent=1))
    else:
        out = csv.writer(sys.stdout)
        out.writerow(answer.columns)
        out.writerows(zip(*answer.values, strict=True))
    return 0


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        # A string keeps every penny; a JSON number would be read as binary.
        return str(value)
    raise TypeError(f"{value!r} has no JSON form")


def _illustrate(given: argparse.Namespace) -> int:
    from dashboard import illustrative

    illustrative.write(given.out, seed=given.seed, ledger_lines=given.ledger_lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())

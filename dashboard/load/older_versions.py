"""What versions that are kept may still show of the survey, beside the one that was just published.

Within a version nothing hidden can be told (`small_numbers`). Two versions that say something else
of the same wave could tell it together: a cell hidden in one and shown in the other, or a total
that a late return of three people changed. So of each wave the older versions show just what the
newest shows, or nothing. Whose survey was right can be served again by sending it again.
"""

import contextlib
import os
import shutil
import uuid
from datetime import date
from pathlib import Path

import duckdb

from dashboard import settings
from dashboard.load import restated, versions
from dashboard.load.sql import text_sql
from dashboard.load.versions import snapshot_path

# What a row says of the wave before it; withheld with that wave.
_BEFORE = (
    *("month_before", "share_before", "respondents_before", "change_low", "change_high"),
    "is_real_change",
)
_OLDER = "-older"
_PLACE = ("month", "period", "service_id", "council_id", "is_illustrative")


def withhold(warehouse: Path, newest: str) -> list[str]:
    """Withhold of every older version the waves that the newest gives otherwise.

    Such a version goes on under a name of its own, so that nothing that was read of it before is
    remembered for it; these names are answered. One that cannot be changed is removed: it must not
    be served again. To be called while `alone`, once the newest is published.
    """
    changed = []
    for version in versions.kept(warehouse):
        if version == newest:
            continue
        path = snapshot_path(warehouse, version)
        building = warehouse / f"building-{uuid.uuid4().hex}.duckdb"
        try:
            waves = _differing(path, snapshot_path(warehouse, newest))
            if waves == []:
                continue
            name = _name(warehouse, version)
            shutil.copyfile(path, building)
            _rewrite(building, waves, name)
            stat = path.stat()
            os.utime(building, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            paired = versions.are_workings_whole(warehouse, version)
            workings = versions.workings_path(warehouse, version) if paired else None
            versions.put(warehouse, building, workings, name)
            changed.append(name)
        except (OSError, duckdb.Error):
            pass
        finally:
            versions.remove([building])
        versions.drop(warehouse, version)
    return changed


def drop_unmasked(warehouse: Path, newest: str) -> None:
    """Remove older versions that hold what readers must not have: those of a program that kept all
    of a snapshot in one file. To be called while `alone`, once the newest is published.

    Who reads one goes on with it, as it is open.
    """
    for version in versions.kept(warehouse):
        if version == newest or versions.workings_path(warehouse, version).is_file():
            continue
        try:
            is_unmasked = is_in_one_file(snapshot_path(warehouse, version))
        except duckdb.Error:
            is_unmasked = True
        if is_unmasked:
            versions.drop(warehouse, version)


def is_in_one_file(snapshot: Path) -> bool:
    """Whether a snapshot holds its workings itself, as those of 0.6.0 and before did."""
    with duckdb.connect(str(snapshot), read_only=True, config=settings.READER_CONFIG) as con:
        found = con.execute("select 1 from duckdb_schemas() where schema_name = 'staging'")
        return bool(found.fetchall())


def withheld(warehouse: Path, version: str) -> list[date]:
    """The waves of the survey that are withheld of a version, oldest first."""
    with (
        contextlib.suppress(duckdb.Error),
        duckdb.connect(
            str(snapshot_path(warehouse, version)), read_only=True, config=settings.READER_CONFIG
        ) as con,
    ):
        return [m for (m,) in con.execute("from withheld_waves order by month").fetchall()]
    return []


def is_older(version: str) -> bool:
    """Whether something is withheld of a version, as its name tells."""
    return _OLDER in version


def _name(warehouse: Path, version: str) -> str:
    base = version.partition(_OLDER)[0]
    names = (f"{base}{_OLDER}{n or ''}" for n in range(settings.SNAPSHOTS_KEPT + 2))
    return next(n for n in names if not snapshot_path(warehouse, n).exists())


def _differing(older: Path, newest: Path) -> list[date] | None:
    """The waves that the older shows otherwise; None where it can't be compared: all of them."""
    with duckdb.connect() as con:
        for name, path in (("older", older), ("newest", newest)):
            con.execute(f"attach {text_sql(str(path))} as {name} (read_only)")
        columns = {
            name: [
                column
                for (column,) in con.execute(
                    "select column_name from duckdb_columns() where table_name = 'surveys' "
                    "and database_name = ? order by column_index",
                    [name],
                ).fetchall()
            ]
            for name in ("older", "newest")
        }
        told_by_older = "from older.surveys where not is_hidden limit 1"
        if not columns["older"] or not con.execute(told_by_older).fetchall():
            return []
        if columns["older"] != columns["newest"]:
            return None
        told = ", ".join(c for c in columns["newest"] if c not in _BEFORE)
        shown = f"select {told} from older.surveys where not is_hidden"
        same = f"select {told} from newest.surveys where not is_hidden"
        return [
            month
            for (month,) in con.execute(
                f"with differing as (({shown} except {same}) union all ({same} except {shown})) "
                "select distinct month from differing "
                "where month in (select month from older.surveys where not is_hidden) order by all"
            ).fetchall()
        ]


def _rewrite(path: Path, waves: list[date] | None, name: str) -> None:
    with duckdb.connect(str(path)) as con:
        columns = [c for c, *_ in con.execute("describe surveys").fetchall()]
        which = "true" if waves is None else "list_contains(?, month)"
        given = [] if waves is None else [waves]
        con.execute("create table if not exists withheld_waves (month date)")
        con.execute(
            f"insert into withheld_waves select distinct month from surveys where {which} "
            "except from withheld_waves",
            given,
        )
        figures = [c for c in columns if c not in (*_PLACE, "is_hidden", "is_broken_down")]
        nothing = ", ".join(f"{c} = null" for c in figures)
        con.execute(f"update surveys set is_hidden = true, {nothing} where {which}", given)
        # What today's queries ask for and an older program did not know.
        con.execute("alter table surveys add column if not exists is_broken_down boolean")
        con.execute(f"update surveys set is_broken_down = false where {which}", given)
        if waves is not None:
            before = ", ".join(f"{c} = null" for c in _BEFORE)
            con.execute(f"update surveys set {before} where list_contains(?, month_before)", given)
        restated.withhold_surveys(con)
        con.execute(
            "update restatements set data_version = ? where data_version = "
            "(select data_version from workspace)",
            [name],
        )
        con.execute("update workspace set data_version = ?", [name])
        con.execute("checkpoint")

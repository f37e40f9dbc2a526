"""Every exhibit there is, on whatever workspace is in use, for tests of what becomes of them all.

Found by looking: an exhibit that is added is tested too, once its parameters are named here.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date
from typing import Any

from dashboard import exhibits
from dashboard.exhibits import data, reference
from dashboard.exhibits.exhibit import Exhibit, Finding

# Of the shipped workspace: a share of cases, money, one that adds up through the year.
MEASURES = ("foi_in_time", "cost_per_payslip", "council_tax_collected")


def every() -> list[Exhibit]:
    """Each exhibit once for each measure, or once for a service and once for all of them."""
    return [one for make in _functions() for one in _made(make)]


def _functions() -> Iterator[Any]:
    for found in pkgutil.iter_modules(exhibits.__path__):
        module = importlib.import_module(f"{exhibits.__name__}.{found.name}")
        for make in vars(module).values():
            own = getattr(make, "__wrapped__", None)
            if (
                own
                and own.__module__ == module.__name__
                and inspect.signature(own).return_annotation is Finding
            ):
                yield make


def _made(make: Any) -> Iterator[Exhibit]:
    needed = inspect.signature(make).parameters
    given = {n: v for n, v in _parameters().items() if n in needed}
    unknown = {n for n, p in needed.items() if p.default is p.empty} - set(given)
    assert not unknown, f"{make.__module__}.{make.__name__} takes {unknown}: name them above"
    if "measure_id" in needed:
        known = [m for m in MEASURES if m in reference.measures()] or list(reference.measures())[:1]
        for measure in known:
            yield make(**{**given, "measure_id": measure})
        return
    yield make(**given)
    if "service_id" in needed and needed["service_id"].annotation is not str:
        yield make(**{**given, "service_id": None})


def _parameters() -> dict[str, Any]:
    workspace = reference.workspace()
    newest = workspace["newest_month"]
    return {
        "basis": "equal",
        "cost_type": None,
        "council_id": next(iter(reference.council_names("council"))),
        "council_ids": tuple(reference.council_names("council")),
        "feed": "costs",
        "file": None,
        "first": 0,
        "from_month": workspace["first_month"],
        "leaves": True,
        "measure_id": None,
        "on": data.today(),
        "quarters": 2,
        "resource": next(iter(data.resources())),
        "rule": None,
        "service_id": next(iter(reference.service_names())),
        "since": date(newest.year - (newest.month < 4), 4, 1),
        "stamp": "",
        "supplier": None,
        "to_month": newest,
        "unit": None,
    }

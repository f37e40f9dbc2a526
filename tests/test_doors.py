"""The doors between the rooms: who may import what. There are no exceptions."""

import ast
import subprocess
import sys

import pytest

from dashboard import settings

ROOT = settings.ROOT
# What a room must not import, and may not see of the project.
CLOSED = {
    "pages": {"duckdb", "plotly", "pandas", "dashboard.warehouse", "dashboard.load"},
    "dashboard/exhibits": {"streamlit", "duckdb", "plotly", "dashboard.render", "dashboard.load",
                           "dashboard.stories"},
    "dashboard/render": {"duckdb", "dashboard.load", "dashboard.warehouse", "dashboard.stories"},
    "dashboard/load": {"streamlit", "plotly", "dashboard.exhibits", "dashboard.render",
                       "dashboard.warehouse"},
    "dashboard/method": {"streamlit", "duckdb", "plotly", "pandas", "dashboard.exhibits",
                         "dashboard.load", "dashboard.render", "dashboard.warehouse"},
    "dashboard/stories": {"streamlit", "plotly", "duckdb", "dashboard.load"},
    "dashboard/illustrative": {"streamlit", "plotly", "duckdb"},
}  # fmt: skip
# Rooms that may open DuckDB at all.
DUCKDB = ("dashboard/warehouse.py", "dashboard/load/")
# The one room that opens the database of stories.
SQLALCHEMY = (
    "dashboard/stories/store.py",
    "dashboard/stories/database.py",
    "dashboard/stories/migrations/",
)
FILES = [
    p.relative_to(ROOT).as_posix()
    for place in ("app.py", "pages/*.py", "dashboard/**/*.py")
    for p in sorted(ROOT.glob(place))
]


def _imports(file: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("file", FILES)
def test_a_room_keeps_its_doors(file):
    imports = _imports(file)
    for room, closed in CLOSED.items():
        if file.startswith(room):
            through = {i for i in imports for c in closed if i == c or i.startswith(c + ".")}
            assert not through, f"{file} reaches past its door: {through}"
    if any(i == "duckdb" or i.startswith("duckdb.") for i in imports):
        assert file.startswith(DUCKDB), f"{file} opens DuckDB"
    if any(i == "sqlalchemy" or i.startswith("sqlalchemy.") for i in imports):
        assert file.startswith(SQLALCHEMY), f"{file} opens the database of stories"


def test_no_page_waits_for_the_library_of_the_store():
    """It takes a third of a second to import, which only those who pin or arrange should pay."""
    code = "import sys, dashboard.startup, dashboard.filters, dashboard.render.screen\n"
    code += "print('sqlalchemy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout == "False\n", said.stderr


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith("pages/")])
def test_a_page_is_wording_and_order(file):
    source = (ROOT / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree).endswith("?"), "a page answers one question"
    assert len(source.splitlines()) <= 60
    assert not [
        n for n in ast.walk(tree) if isinstance(n, ast.Try | ast.FunctionDef | ast.ClassDef)
    ]

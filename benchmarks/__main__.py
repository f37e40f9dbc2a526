"""`python -m benchmarks [part …]`: run every part, or those named, and print what they found.

A part that fails is told, also at the end, and the others go on; the exit status then is 1.
`benchmarks/settings.py` has what the environment may say.
"""

import importlib
import sys
import traceback

from benchmarks import settings, workspaces

# Each a module of this package with a `main` that prints its tables.
PARTS = (
    *("imports", "load", "messy", "new_month", "signals", "what_if", "rerun", "drill", "redraw"),
    *("first_visit", "export"),
)


def main(named: list[str]) -> int:
    """Run the parts in turn; 1 if one failed, 2 if a name is unknown."""
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        print(f"no part '{unknown[0]}'; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    try:
        settings.checkouts()
    except FileNotFoundError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        failed = {name: why for name in named or PARTS if (why := _failure(name))}
    finally:
        workspaces.remove()
    for name, why in failed.items():
        print(f"FAILED {name}: {why}", file=sys.stderr)
    return 1 if failed else 0


def _failure(name: str) -> str | None:
    """Run a part; why it failed, on one line, or None."""
    try:
        # Imported one at a time: a part that needs a browser must not stop one that does not.
        importlib.import_module(f"benchmarks.{name}").main()
    except Exception as error:
        # Told whole here and in one line at the end; the other parts' measurements still count.
        traceback.print_exc()
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

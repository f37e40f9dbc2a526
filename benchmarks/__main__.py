"""`python -m benchmarks [part …]`: run every part, or those named, and print what they found.

LINES sets the larger workspace's ledger lines (10 million), KEEP leaves benchmarks/scratch/ there.
"""

import sys

from benchmarks import workspaces

PARTS = (
    "imports",
    "load",
    "messy",
    "new_month",
    "signals",
    "rerun",
    "redraw",
    "first_visit",
    "export",
)


def main(named: list[str]) -> int:
    """Run the parts in turn; 2 if a name is unknown."""
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        print(f"no part '{unknown[0]}'; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    try:
        for name in named or PARTS:
            _run(name)
    finally:
        workspaces.remove()
    return 0


def _run(name: str) -> None:
    # Imported one at a time: a part that needs a browser must not stop one that does not.
    if name == "imports":
        from benchmarks import imports as part
    elif name == "load":
        from benchmarks import load as part
    elif name == "messy":
        from benchmarks import messy as part
    elif name == "new_month":
        from benchmarks import new_month as part
    elif name == "signals":
        from benchmarks import signals as part
    elif name == "rerun":
        from benchmarks import rerun as part
    elif name == "redraw":
        from benchmarks import redraw as part
    elif name == "export":
        from benchmarks import export as part
    else:
        from benchmarks import first_visit as part
    part.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

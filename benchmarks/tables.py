"""How a part prints what it found: one small plain-text table."""

from collections.abc import Sequence


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """Print a title, the table with its figures set right, and the notes beneath."""
    widths = [max(len(line[i]) for line in (header, *rows)) for i in range(len(header))]
    print(f"\n{title}\n")
    for line in (header, *rows):
        first, *figures = (text for text in line)
        cells = [first.ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(figures, widths[1:], strict=True)]
        print("  " + "  ".join(cells).rstrip())
    for note in notes:
        print(f"  {note}")
    print(flush=True)


def show_compared(part: str, rows: Sequence[Sequence[str]]) -> None:
    """Print what both checkouts took, a row each: name, now, before and ratio; none, nothing."""
    if rows:
        show(
            f"{part}: this checkout and the one before, in turns",
            ("", "now", "before", "now / before"),
            rows,
            "Medians.",
        )


def times(value: float, of: float) -> str:
    """A ratio, as "0.25 x"."""
    return f"{value / of:.2f} x"


def megabytes(size: float) -> str:
    """Bytes as megabytes."""
    return f"{size / 1_000_000:,.0f} MB"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:,.0f} ms"

"""The signs that stand for a mark, a line or a band in a key and before words, as HTML."""

from dashboard import theme

_MARKS = {**theme.VERDICTS, **theme.SIGNALS, **theme.MONEY}


def of(mark: str) -> tuple[str, str, str]:
    """A mark's colour, shape and words."""
    return _MARKS[mark]


def shape(mark: str) -> str:
    colour, shape, _ = _MARKS[mark]
    return f'<span aria-hidden="true" style="color:{colour}">{shape}</span>'


def band(colour: str, dash: str, fill: str = theme.BAND) -> str:
    line = {"solid": "solid", "dot": "dotted"}.get(dash, "dashed")
    return (
        '<span class="os-band" aria-hidden="true" '
        f'style="border-color:{colour};border-style:{line} none;background:{fill}"></span>'
    )


def swatch(colour: str, dash: str) -> str:
    line = {"solid": "solid", "dot": "dotted"}.get(dash, "dashed")
    return (
        f'<span class="os-swatch" aria-hidden="true" style="border-top:3px {line} {colour}"></span>'
    )

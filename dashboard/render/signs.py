"""The signs that stand for a mark, a line or a band in a key and before words, as HTML."""

from dashboard import theme
from dashboard.render.html import Markup, html

_MARKS = {**theme.VERDICTS, **theme.SIGNALS, **theme.MONEY}
_BORDERS = {"solid": "solid", "dot": "dotted"}


def of(mark: str) -> tuple[str, str, str]:
    """A mark's colour, shape and words."""
    return _MARKS[mark]


def glyph(shape: str, colour: str = "") -> Markup:
    """A letter that is a picture, which a screen reader passes over."""
    look = html(' style="color:%s"', colour) if colour else Markup()
    return html('<span aria-hidden="true"%s>%s</span>', look, shape)


def shape(mark: str) -> Markup:
    """A mark's shape in its colour."""
    colour, drawn, _ = _MARKS[mark]
    return glyph(drawn, colour)


def band(colour: str, dash: str, fill: str = theme.BAND) -> Markup:
    """The space between two lines of a dash."""
    return html(
        '<span class="os-band" aria-hidden="true" '
        'style="border-color:%s;border-style:%s none;background:%s"></span>',
        *(colour, _BORDERS.get(dash, "dashed"), fill),
    )


def swatch(colour: str, dash: str) -> Markup:
    """A line of a dash."""
    return html(
        '<span class="os-swatch" aria-hidden="true" style="border-top:3px %s %s"></span>',
        *(_BORDERS.get(dash, "dashed"), colour),
    )

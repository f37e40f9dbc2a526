"""Things on two axes, split in four by a line on each, and the way that each has come."""

import math
import textwrap
from html import escape
from typing import Any

from dashboard import theme, words
from dashboard.exhibits.charts import Quadrants, Spot
from dashboard.render import fitted, signs
from dashboard.render.html import Markup, html, joined
from dashboard.render.kinds.kind import Kind
from dashboard.render.native import Plot, Series, axis
from dashboard.render.pieces import hover, note, rule
from dashboard.render.scale import ticks

# Pixels of the plot on a phone of 390, for which names are placed; on a wider one they lie further
# apart. The height is the plot's everywhere.
_WIDE, _HIGH = 290, 460
_LETTER, _LINE = 7, 16  # pixels of a letter and of a line of text at 14 px
_NAME_WIDTH = 15  # letters after which a name goes on in a new line
_CORNER_BAND = 44  # pixels kept free above and below the spots for the words of the corners
_NEW, _OLD = 11, 8  # pixels of the markers now and a year before
# Where a name may stand, by preference: pixels between it and its spot, and the ways round it. One
# further off than the very nearest has a line to its spot.
_NEAR, _FURTHER = (9, 22), (40, 60, 90)
_SIDES = tuple(
    (round(math.cos(math.radians(turn)), 3), round(math.sin(math.radians(turn)), 3))
    for turn in (0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202, 68, 112, 248, 292)
)
# With more spots than this, trails are drawn in grey and names only where there is room beside.
_CROWD = 16
# A trail is kept free of names at so many points.
_TRAIL_POINTS = 12

_VEIL = "rgba(255, 255, 255, 0.75)"

_Box = tuple[float, float, float, float]


def _figure(chart: Quadrants, plot: tuple[int, int] = (_WIDE, _HIGH)) -> dict[str, Any]:
    """The Plotly figure: trails from hollow to filled, names beside their spots.

    plot: pixels that the plot has at least; names are placed so that they fit there.
    """
    wide, tall = plot
    points = [p for s in chart.spots for p in (s.now, s.before) if p is not None]
    left, right = _range([x for x, _ in points] + [chart.x_line], 0.15)
    low, high = _range([y for _, y in points] + [chart.y_line], 0.06)
    # Room for the words of the corners, above and below all spots.
    band = (high - low) * _CORNER_BAND / (tall - 2 * _CORNER_BAND)
    bottom, top = low - band, high + band
    layout = theme.layout(tall + 60)
    x_ticks = ticks(left, right, 4)
    y_ticks = [t for t in ticks(low, high, 5) if chart.y_unit != "share" or 0 <= t <= 1]
    layout |= {
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "hovermode": "closest",
        "xaxis": theme.axis(
            range=[left, right],
            tickvals=x_ticks,
            ticktext=[words.figure(t, chart.x_unit) for t in x_ticks],
            title={"text": escape(chart.x_is), "font": {"color": theme.QUIET}},
            showgrid=False,
            tickangle=0,
            ticks="outside",
        ),
        "yaxis": theme.axis(
            range=[bottom, top],
            tickvals=y_ticks,
            ticktext=[words.figure(t, chart.y_unit) for t in y_ticks],
            showgrid=False,
            ticks="outside",
        ),
        "shapes": [
            rule((chart.x_line, chart.x_line), (bottom, top), 1.5, "dash"),
            rule((left, right), (chart.y_line, chart.y_line), 1.5, "dash"),
        ],
    }

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return (
            (point[0] - left) / (right - left) * wide,
            (point[1] - bottom) / (top - bottom) * tall,
        )

    layout["annotations"] = [*_corners(chart), *_names(chart, at, plot)]
    return {"data": [_trail(s, chart) for s in chart.spots], "layout": layout}


def _range(values: list[float], room: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    gap = (high - low) or abs(high) or 1
    return low - gap * room, high + gap * room


def _colour(spot: Spot, chart: Quadrants) -> str:
    """A council's own, whatever happened; of anything else, what happened decides."""
    if spot.mark and spot.role not in chart.council_order:
        return theme.SIGNALS[spot.mark][0]
    return theme.colour_of(spot.role, chart.council_order)


def _trail(spot: Spot, chart: Quadrants) -> dict[str, Any]:
    """A line from where it was, hollow, to where it is, filled; its shape says what moved."""
    own = _colour(spot, chart)
    trail = theme.CONTEXT if len(chart.spots) > _CROWD and not spot.mark else own
    points = [p for p in (spot.before, spot.now) if p is not None]
    was = len(points) - 1
    symbol = {"improvement": "diamond", "concern": "square", None: "circle"}[spot.mark]
    return {
        "type": "scatter",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "mode": "lines+markers",
        "cliponaxis": False,
        "line": {"color": trail, "width": 1.5},
        "marker": {
            "symbol": [*["circle"] * was, symbol],
            "size": [*[_OLD] * was, _NEW + 2 * bool(spot.mark)],
            "color": [*[theme.SURFACE] * was, own],
            "opacity": 1,
            "line": {"color": [*[trail] * was, own], "width": [*[1.5] * was, 1]},
        },
        **hover(spot.name, [*["a year before"] * was, spot.hover]),
    }


def _corners(chart: Quadrants) -> list[dict[str, Any]]:
    """A few words in each corner."""
    return [
        note(
            "<br>".join(escape(x) for x in said),
            nth % 2,
            1 - nth // 2,
            xref="paper",
            yref="paper",
            xanchor=("left", "right")[nth % 2],
            yanchor=("top", "bottom")[nth // 2],
            align=("left", "right")[nth % 2],
            font={"color": theme.QUIET, "size": theme.TEXT_SIZE},
        )
        for nth, said in enumerate(chart.corners)
    ]


def _names(chart: Quadrants, at: Any, plot: tuple[int, int]) -> list[dict[str, Any]]:
    """Each name beside its spot, none over another, a spot or a trail; with a line where it is far.

    Where no place is free the name is left to the sentences beneath and the table.
    """
    taken, trails = [], []
    for spot in chart.spots:
        x, y = at(spot.now)
        taken.append((x - 6, y - 6, x + 6, y + 6))
        if spot.before is not None:
            u, v = at(spot.before)
            trails += [
                _around(x + (u - x) * i / _TRAIL_POINTS, y + (v - y) * i / _TRAIL_POINTS)
                for i in range(1, _TRAIL_POINTS + 1)
            ]
    # The lines and the trails are crossed only where no other place is free.
    x, y = at((chart.x_line, chart.y_line))
    lines = [(x - 1, 0, x + 1, plot[1]), (0, y - 1, plot[0], y + 1)]
    tries = (
        ((_NEAR[:1], [*trails, *lines]),)
        if len(chart.spots) > _CROWD
        else (
            (_NEAR, [*trails, *lines]),
            (_NEAR, trails),
            (_FURTHER, [*trails, *lines]),
            (_FURTHER, trails),
            (_NEAR + _FURTHER, []),
        )
    )
    notes, names, ways = [], [], []
    # Those with a mark first, as their names matter most; then those furthest from the middle.
    for spot in sorted(chart.spots, key=lambda s: (s.mark is None, -_far(at(s.now), plot))):
        rows = textwrap.wrap(spot.name, _NAME_WIDTH)
        wide, high = max(map(len, rows)) * _LETTER + 4, len(rows) * _LINE + 2
        x, y = at(spot.now)
        place = next(
            (
                (dx, dy, way)
                for distances, besides in tries
                for far in distances
                for dx, dy in _places(x, wide, high, far, plot[0])
                for way in [_way(dx, dy, wide, high, far)]
                if _is_free(
                    _box(x + dx, y + dy, wide, high), [*taken, *names, *ways, *besides], plot
                )
                and not any(_touch(_around(x + u, y + v), name) for u, v in way for name in names)
            ),
            None,
        )
        if place is None:
            continue
        dx, dy, way = place
        names.append(_box(x + dx, y + dy, wide, high))
        ways += [_around(x + u, y + v) for u, v in way]
        notes.append(
            {
                "text": "<br>".join(escape(r) for r in rows),
                "x": spot.now[0],
                "y": spot.now[1],
                "xref": "x",
                "yref": "y",
                "align": "center",
                # A trail that runs beneath a name does not strike it through.
                "bgcolor": _VEIL,
                "borderpad": 0,
                "font": {"color": theme.text_colour(_colour(spot, chart)), "size": theme.TEXT_SIZE},
            }
            | (
                # The tail of an arrow without a head leads to the name.
                {
                    "showarrow": True,
                    "arrowhead": 0,
                    "arrowwidth": 1,
                    "arrowcolor": theme.QUIET,
                    "ax": dx,
                    "ay": -dy,
                    "standoff": 5,
                }
                if way
                else {"showarrow": False, "xshift": dx, "yshift": dy}
            )
        )
    return notes


def _places(
    x: float, wide: float, high: float, far: float, across: int
) -> list[tuple[float, float]]:
    """Where the middle of a name may lie from its spot at x; never beyond the plot's sides."""
    return [
        (min(max(x + i * (wide / 2 + far), wide / 2), across - wide / 2) - x, j * (high / 2 + far))
        for i, j in _SIDES
    ]


def _way(dx: float, dy: float, wide: float, high: float, far: float) -> list[tuple[float, float]]:
    """Points of the line from a spot to its name, by where that lies; none where it is near."""
    if far == _NEAR[0]:
        return []
    # The line ends where it meets the name's box.
    inside = min(wide / 2 / abs(dx) if dx else 1, high / 2 / abs(dy) if dy else 1, 1)
    end = 1 - inside
    return [
        (dx * end * i / _TRAIL_POINTS, dy * end * i / _TRAIL_POINTS)
        for i in range(1, _TRAIL_POINTS + 1)
    ]


def _far(point: tuple[float, float], plot: tuple[int, int]) -> float:
    return math.hypot(point[0] - plot[0] / 2, point[1] - plot[1] / 2)


def _around(x: float, y: float) -> _Box:
    return x - 2, y - 2, x + 2, y + 2


def _box(x: float, y: float, wide: float, high: float) -> _Box:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _is_free(box: _Box, taken: list[_Box], plot: tuple[int, int]) -> bool:
    inside = (
        box[0] >= 0
        and box[2] <= plot[0]
        and box[1] >= _CORNER_BAND - 6
        and box[3] <= plot[1] - _CORNER_BAND + 6
    )
    return inside and not any(_touch(box, b) for b in taken)


def _touch(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _plots(chart: Quadrants) -> tuple[Plot, ...]:
    """Spots with the way each has come, and the two lines that split the plane."""
    if not chart.spots:
        return ()
    ends = [at for s in chart.spots for at in (s.now, s.before) if at]
    x = axis([*(a for a, _ in ends), chart.x_line], chart.x_unit, 5)
    y = axis([*(b for _, b in ends), chart.y_line], chart.y_unit, 4)
    series = [
        Series(chart.x_line_is, (y.low, y.high), theme.QUIET, (chart.x_line,) * 2, 1.5, "dash"),
        Series(chart.y_line_is, (chart.y_line,) * 2, theme.QUIET, (x.low, x.high), 1.5, "dash"),
    ]
    for spot in chart.spots:
        colour = theme.colour_of(spot.role, chart.council_order)
        if spot.before:
            trail = tuple(zip(spot.before, spot.now, strict=True))
            series.append(
                Series(
                    f"{spot.name}, the way it came",
                    trail[1],
                    colour,
                    trail[0],
                    1.5,
                    "dot",
                    in_key=False,
                )
            )
        shape = {"improvement": "diamond", "concern": "square"}.get(spot.mark, "circle")
        series.append(
            Series(
                spot.name,
                (spot.now[1],),
                colour,
                (spot.now[0],),
                symbol=shape,
                size=11,
                labels=(spot.name,),
                in_key=False,
            )
        )
    return (Plot("points", "", tuple(series), y, y.code, x=x, x_title=chart.x_is),)


def _key(chart: Quadrants) -> dict[str, Markup]:
    items = {}
    if any(s.before for s in chart.spots):
        items["A year before"] = signs.glyph("○", theme.WHOLE)
    items["Now"] = signs.glyph("●", theme.WHOLE)
    for mark, said in (("improvement", "Now, really better"), ("concern", "Now, really worse")):
        if any(s.mark == mark for s in chart.spots):
            items[said] = signs.shape(mark)
    return items


def _beneath(chart: Quadrants) -> Markup:
    """What lies in each of its quadrants."""
    items = joined(html("<li>%s</li>", said) for said in chart.sentences)
    return html('<ul class="os-quadrants">%s</ul>', items)


KIND = Kind(
    Quadrants,
    "Quadrant chart",
    lambda chart: (_figure(chart),),
    lambda chart, _: [[_figure(chart, fitted.PLOT)]],
    _plots,
    _key,
    beneath=_beneath,
    # What each quarter holds is said in full to those who read; a slide has room for the picture.
    look="os-quadrants-of",
)

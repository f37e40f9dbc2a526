"""Colours by meaning, and the one look of every chart. The single authority on both.

The order of colours is the Analysis Function's; words and shapes always stand beside them.
"""

# Councils in the workspace's own order. Each keeps its colour whatever is filtered.
PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1")

# The same hues dark enough for text on white (4.5:1), for the names at the ends of lines.
TEXT_OF = {
    "#28A197": "#1B6E67",
    "#F46A25": "#A33F0B",
    "#A285D1": "#6A4A9E",
}

INK = "#0B0C0C"
QUIET = "#595959"  # axes, notes: 7:1 on white
CONTEXT = "#BFBFBF"  # councils that were not chosen, and grids
WHOLE = "#3D3D3D"  # all councils together
GRID = "#E3E3E3"
BAND = "#EEF2F6"  # the usual range, behind points and lines; its edges are drawn as lines
SURFACE = "#FFFFFF"
# Actual, the year before: no council has these.
SEQUENCE = ("#2073BC", "#A33F0B")

# A verdict's colour, shape and words. All pass 4.5:1 on white.
VERDICTS = {
    "on target": ("#0F7A52", "●", "On target"),
    "close": ("#8A5A00", "▲", "Close to target"),
    "off target": ("#CA3535", "■", "Off target"),
}
# What a point of a control chart is: colour, shape and words. Blue and orange as Making Data Count
# has them, so that no signal looks like a verdict; dark enough for words (4.5:1 on white). No shape
# points up or down: on a chart that would be read as the direction of the figures.
SIGNALS = {
    "improvement": ("#1D70B8", "◆", "Improvement"),
    "concern": ("#A33F0B", "■", "Concern"),
    "change": ("#6A4A9E", "✚", "Change (neither good nor bad)"),
    "usual variation": ("#595959", "●", "Usual variation"),
}
# Money against its budget. Shapes as verdicts have them: one that pointed up would say "better".
MONEY = {
    "over": ("#CA3535", "■", "Over budget"),
    "under": ("#0F7A52", "●", "Under budget"),
}

# The five answers of a survey: colour of the bar, colour of the words on it, words. Blue and plum,
# never red and green: an answer is no verdict. All words pass 4.5:1 on their bar.
ANSWERS = {
    "very_satisfied": ("#12436D", "#FFFFFF", "Very satisfied"),
    "fairly_satisfied": ("#6BACE6", "#0B0C0C", "Fairly satisfied"),
    "neither": ("#D9D9D9", "#0B0C0C", "Neither"),
    "fairly_dissatisfied": ("#F46A25", "#0B0C0C", "Fairly dissatisfied"),
    "very_dissatisfied": ("#801650", "#FFFFFF", "Very dissatisfied"),
}

# The same colours where the paper is dark: on a projector in a dark room. Those not named stay.
DARK = {
    "#FFFFFF": "#10151B",
    "WHITE": "#10151B",
    INK: "#F3F2F1",
    QUIET: "#C4C4C4",
    CONTEXT: "#5A646E",
    WHOLE: "#D9D9D9",
    GRID: "#2C3640",
    BAND: "#1E2A36",
    "#12436D": "#6BACE6",
    "#28A197": "#4FD0C5",
    "#801650": "#E879B9",
    "#A285D1": "#C3AEE8",
    "#1B6E67": "#4FD0C5",
    "#A33F0B": "#FF9B66",
    "#6A4A9E": "#C3AEE8",
    "#2073BC": "#8CC4F2",
    "#CA3535": "#FF8A8A",
    "#0F7A52": "#5FD3A5",
    "#1D70B8": "#7DBBF5",
}

FONT = '"Source Sans", "Source Sans 3", Arial, sans-serif'
TEXT_SIZE = 14

PANEL_HEIGHT = 110  # pixels; room for three grid lines at 14 px
CHART_HEIGHT = 380
CONTROL_HEIGHT = 230  # limits, centre, target and points, told apart at 390 px


def colour_of(council_id: str, order: tuple[str, ...]) -> str:
    """A council's colour: its place in the workspace decides, not what is chosen."""
    if council_id not in order:
        return WHOLE
    return PALETTE[order.index(council_id) % len(PALETTE)]


def text_colour(colour: str) -> str:
    """The colour for words that belong to a line of that colour."""
    return TEXT_OF.get(colour, colour)


def layout(height: int) -> dict:
    """The layout every chart starts from."""
    return {
        "height": height,
        "font": {"family": FONT, "size": TEXT_SIZE, "color": INK},
        "paper_bgcolor": SURFACE,
        "plot_bgcolor": SURFACE,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "showlegend": False,
        # Plotly's own template would be 7 kB of every chart's JSON, all of it overridden here.
        "template": {"data": {}, "layout": {}},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": SURFACE,
            "font": {"family": FONT, "size": TEXT_SIZE, "color": INK},
        },
        "dragmode": False,
    }


def axis(**more: object) -> dict:
    """An axis: quiet, horizontal text, room made for its labels."""
    return {
        "automargin": True,
        "gridcolor": GRID,
        "linecolor": QUIET,
        "tickcolor": QUIET,
        "tickfont": {"color": QUIET, "size": TEXT_SIZE},
        "zeroline": False,
        "fixedrange": True,
        **more,
    }

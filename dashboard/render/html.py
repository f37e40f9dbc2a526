"""HTML, in which nothing that anybody wrote can pass for HTML: what is not, is escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape


def html(template: str, *said: object) -> Markup:
    """A template of ours with what is said in the place of each %s, escaped unless it is HTML."""
    return Markup(template % tuple(map(_escaped, said)))


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other, each escaped unless it is HTML. between: HTML of ours."""
    return Markup(between.join(map(_escaped, parts)))


# What Markup's own % and join do, in a third of the time: a table has thousands of cells.
def _escaped(said: object) -> Markup:
    return said if type(said) is Markup else escape(said)

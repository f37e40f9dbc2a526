"""Names and literals in SQL that is made from a contract (never from what a reader types)."""


def name_sql(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def text_sql(text: str) -> str:
    """A quoted text."""
    return "'" + text.replace("'", "''") + "'"


def list_sql(texts: object) -> str:
    """Quoted texts, for `in (…)`; never empty."""
    return ", ".join(text_sql(str(t)) for t in texts) or "null"


# What DuckDB's reader of csv takes for no value: nothing that a file holds. Left to itself it takes
# a blank cell for none, and then neither sees a blank cell too many nor tells one from a cell that
# is not there.
NO_TEXT = text_sql("\x01")

"""What names a row that is worked out of others, or a balance, and no payment of its own.

Beneath payments stand their average and their largest; above them what was brought forward. Such a
row states no sum, so that its figures do not give it away as those of a total do; its words do,
where they are all that the cell says. A supplier called Average Joe Ltd says more.
"""

_AVERAGES = {
    f"{word}{of}"
    for word in ("average", "mean", "median", "maximum", "minimum", "highest", "lowest", "avg")
    for of in ("", " payment", " amount", " value", " spend", " cost", " invoice")
}
_COUNTS = {
    "count",
    "row count",
    "record count",
    *(
        f"number of {what}"
        for what in ("payments", "invoices", "transactions", "rows", "records", "suppliers")
    ),
}
_MOVED = ("brought forward", "carried forward", "brought fwd", "carried fwd", "brought down")
_MOVED += ("carried down", "b/f", "c/f", "b/fwd", "c/fwd", "b/d", "c/d")
_BALANCES = {
    *_MOVED,
    *(f"{what} {moved}" for what in ("balance", "total") for moved in _MOVED),
    *(f"{which} balance" for which in ("opening", "closing", "running", "starting", "ending")),
}

_READS_AS = (
    (_AVERAGES, "an average, or the largest or smallest, of others"),
    (_COUNTS, "a count of others"),
    (_BALANCES, "a balance"),
)
WORDS = frozenset().union(*(words for words, _ in _READS_AS))

# The feeds of which a row is an amount of its own.
FEEDS_OF_AMOUNTS = ("ledger", "costs", "volumes")

# The first letters of these words, to spare most texts a closer look.
BEGINNINGS = "|" + "|".join(sorted({word[:3] for word in WORDS})) + "|"
SHORTEST, LONGEST = min(map(len, WORDS)), max(map(len, WORDS))


def reads_as(said: str) -> str | None:
    """What a label in small letters says of its row; None where it is none of these."""
    return next((what for words, what in _READS_AS if said in words), None)

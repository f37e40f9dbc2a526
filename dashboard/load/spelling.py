"""Names that are spelt in several ways: spaces are made one, and the rest is told.

Spaces of every kind (doubled, trailing, no-break, zero-width) and letters put together of parts
say nothing, and are made plain as a file is read. Names that differ by case, punctuation or
letters of another alphabet that look the same stay as they came, because which of them is meant
is the publisher's to say; the load names them, and the contract's `values` makes them one.
"""

import re
import unicodedata

# Names by which figures are put together. Other texts, suppliers among them, stand as published.
GROUPED_BY = ("service_id", "council_id", "measure_id", "cost_type", "budget_block", "unit")

_INVISIBLE = "\u200b-\u200d\u2060\ufeff\u00ad"

# Most texts are of plain letters with single spaces, and cost no more than the look at them.
MACRO = rf"""
create or replace temp macro one_space(t) as
    case
        when strlen(t) = length(t) and not contains(t, '  ') and not contains(t, chr(9)) then t
        else trim(regexp_replace(
            regexp_replace(nfc_normalize(t), '[{_INVISIBLE}]', '', 'g'),
            '[\t\p{{Zs}}]+', ' ', 'g'
        ))
    end
"""


def is_name(field: str, kind: str) -> bool:
    """True for a field by whose texts figures are put together, in which spaces say nothing."""
    return kind == "text" and field in GROUPED_BY


def one_space(text: str) -> str:
    """A name with one plain space between its words and none around it."""
    plain = re.sub(f"[{_INVISIBLE}]", "", unicodedata.normalize("NFC", text))
    return re.sub(r"[^\S\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+", " ", plain).strip()


# Letters of Greek and Cyrillic that are drawn as Latin ones, in capitals and in small letters.
_LOOKS_LIKE = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνικ" + "АВЕЅІЈКМНОРСТХаеѕіјорсухк",
    "ABEZHIKMNOPTYXaopvik" + "ABESIJKMHOPCTXaesijopcyxk",
)


def folded(name: str) -> str:
    """A name without what spellings of it differ by: case, accents, punctuation, alphabet.

    A point or dash between two digits stays: measure 1.1 is not 11.
    """
    plain = unicodedata.normalize("NFKD", name.translate(_LOOKS_LIKE)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    plain = re.sub(r"(?<=\d)[\s\W_]+(?=\d)", "|", plain)
    return re.sub(r"[\s_.,;:'\"`´‘’“”()/\\‐-―−-]+", "", plain)

"""Names that are spelt in several ways: spaces are made one, and the rest is told.

Spaces of every kind (doubled, trailing, no-break, zero-width) and letters put together of parts
say nothing, and are made plain as a file is read. Names that differ by case, punctuation or
letters of another alphabet that look the same stay as they came, because which of them is meant
is the publisher's to say; the load names them, and the contract's `values` makes them one.
"""

import re
import unicodedata

# Texts that are read as they stand: their spaces and line breaks are part of what they say.
_PROSE = {"description", "title", "text", "source", "definition", "why_it_matters"}

_INVISIBLE = "\u200b-\u200d\u2060\ufeff\u00ad"

# Most texts are of plain letters with single spaces, and cost no more than the look at them.
MACRO = rf"""
create or replace temp macro one_space(t) as
    case
        when strlen(t) = length(t) and not contains(t, '  ') and not contains(t, chr(9))
            and not contains(t, chr(10)) then t
        else trim(regexp_replace(
            regexp_replace(nfc_normalize(t), '[{_INVISIBLE}]', '', 'g'),
            '[\s\p{{Z}}]+', ' ', 'g'
        ))
    end
"""


def is_name(field: str, kind: str) -> bool:
    """True for a field whose texts are names, in which spaces say nothing."""
    return kind == "text" and field not in _PROSE


def one_space(text: str) -> str:
    """A name with one plain space between its words and none around it."""
    plain = re.sub(f"[{_INVISIBLE}]", "", unicodedata.normalize("NFC", text))
    return re.sub(r"\s+", " ", plain).strip()


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

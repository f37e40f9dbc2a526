"""How much room words take on a slide, and which letters a document can hold.

PowerPoint sets text only when it is opened, so that what fits is reckoned here, from the widths of
Arial's letters (those of Helvetica, as Adobe's font metrics list them).
"""

import re

# Thousandths of the size that each letter is wide. Letters not named count as wide as an em, as
# those of many scripts and pictures are: better too much room than too little.
_WIDTHS = {
    letter: width
    for width, letters in (
        (191, "'"), (222, "ijl‘’"), (260, "|"), (278, " !,./:;I[\\]ft·\u00a0"), (333, "()-`r“”"),
        (334, "{}"), (350, "•"), (355, '"'), (389, "*"), (400, "°"), (469, "^"),
        (500, "Jcksxyzv"), (556, "#$0123456789?L_abdeghnopqu£–"), (584, "+<=>~−×±÷"),
        (611, "FTZ"), (667, "&ABEKPSVXY"), (722, "CDHNRUw"), (778, "GOQ■●◆▲▼○"),
        (833, "Mm"), (889, "%"), (944, "W"), (1000, "—…"), (1015, "@"),
    )
    for letter in letters
}  # fmt: skip
# Bold letters are about so much wider; and all text gets a little more, as no two programs set it
# quite alike.
_BOLD, _SPARE = 1.08, 1.05
# A line of Arial takes so many times its size.
LINE = 1.2
# What XML 1.0 has no place for: control characters, halves of letters, and two that are none.
_NO_LETTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legible(text: str) -> str:
    """Text without what no XML document can hold; each such character becomes �."""
    return _NO_LETTER.sub("\ufffd", text)


def width(text: str, size: float, bold: bool = False) -> float:
    """Points that a text takes on one line."""
    wide = sum(_WIDTHS.get(letter, 1000) for letter in text) / 1000 * size
    return wide * _SPARE * (_BOLD if bold else 1)


def lines(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """A text broken into lines of so many points; words longer than a line are broken too."""
    found: list[str] = []
    space = width(" ", size, bold)
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        # Spaces that do not break keep words together, which split() alone would not.
        for word in re.split("[ \t\r]+", paragraph.strip(" \t\r")):
            takes = width(word, size, bold)
            if line and used + space + takes <= room:
                line, used = f"{line} {word}", used + space + takes
                continue
            if line:
                found.append(line)
            while takes > room and len(word) > 1:
                fits = _fitting(word, size, room, bold)
                found.append(word[:fits])
                word = word[fits:]
                takes = width(word, size, bold)
            line, used = word, takes
        found.append(line)
    return found


def cut(text: str, size: float, room: float, most: int, bold: bool = False) -> str:
    """A text that takes at most so many lines, ending with … where there was more of it."""
    broken = lines(text, size, room, bold)
    if len(broken) <= most:
        return text
    last = broken[most - 1]
    while last and width(last + "…", size, bold) > room:
        last = last[:-1]
    return " ".join([*broken[: most - 1], last.rstrip(" .,;:") + "…"])


def sentences(text: str, size: float, room: float, most: int) -> str:
    """As many whole sentences as fit in so many lines; part of the first where even it doesn't."""
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        longer = f"{kept} {sentence}".strip()
        if len(lines(longer, size, room)) > most:
            break
        kept = longer
    return kept or cut(text, size, room, most)


def _fitting(word: str, size: float, room: float, bold: bool) -> int:
    """How many letters of a word fit, at least one."""
    used = 0.0
    for nth, letter in enumerate(word):
        used += width(letter, size, bold)
        if used > room and nth:
            return nth
    return len(word)

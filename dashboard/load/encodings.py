"""Bytes that are text of none of the encodings an export is read in, told by their form.

What is neither UTF-8 nor UTF-16 is read as cp1252, in which every byte is some character: a file
of a mainframe, of MS-DOS or in Cyrillic, Greek, Polish or Chinese would load as signs that stand
for nothing. `foreign` and `no_text` answer why a file is refused, and what would be right; `spoilt`
what is said of letters that were lost before the file came here.
"""

import codecs
import re

SAVE = (
    "the file is no text in an encoding that is read (UTF-8, UTF-16 or Windows' western text, "
    "cp1252): save it as 'CSV UTF-8'"
)

# What the bytes beyond ASCII stand for in other systems where they stand so, and hardly ever in
# cp1252: there 0x9C before a figure is œ, 0x82 within a word a low comma, 0xD5 a capital Õ, 0x8E a
# capital Ž, and 0xD0 by itself a capital Ð.
_SYSTEMS = (
    (
        "cp850",
        "MS-DOS",
        re.compile(rb"\x9c(?= ?[\d(-])|(?<=[A-Za-z])[\x81\x82](?=[A-Za-z\s,;.-])"),
    ),
    (
        "mac_roman",
        "an old Macintosh",
        re.compile(
            rb"(?<=[A-Za-z])\xd5(?=[A-Z]?[a-z])|(?<=[a-z])[\x8e\x8f](?=[a-z\s,;.-])"
            rb"|(?<= )\xd0(?= )"
        ),
    ),
)

# Dashes, quotation marks, bullets and signs of money and law, which stand beside each other.
_SIGNS = rb"\x80\x85\x91-\x97\x99\xa0\xa3\xa7\xa9\xab\xad\xae\xb0\xb7\xbb"
_LETTERS = rb"\x8a\x8c\x8e\x9a\x9c\x9e\x9f\xc0-\xd6\xd8-\xf6\xf8-\xff"
_SIGN_BYTES = bytes(b for b in range(0x80, 0x100) if re.match(rb"[" + _SIGNS + rb"]", bytes([b])))
_ASCII = bytes(range(0x80))
_USUAL = _ASCII + _SIGN_BYTES
_AS_ONE_SIGN = bytes.maketrans(_SIGN_BYTES, b"\xa3" * len(_SIGN_BYTES))
# A letter of UTF-8 beyond ASCII begins with one of these.
_BEGINS_UTF_8 = bytes(range(0xC2, 0xF5))
# Four and more beyond ASCII side by side, unless they are such signs but for one.
_RUN = re.compile(rb"[\x80-\xff]{4,}")
# What no word holds: a byte that cp1252 leaves undefined, two of the marks that Japanese letters
# begin with, a sign between two letters.
_NO_WORD = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]|[\x82-\x84\x88\x89\x8b]\S?[\x82-\x84\x88\x89\x8b]"
    rb"|(?<=[A-Za-z" + _LETTERS + rb"])[\xa1\xa2\xa4-\xa6\xa8\xaf\xb1\xb3\xb6\xb8\xb9\xbc\xbf]"
    rb"(?=[a-z\xdf-\xf6\xf8-\xff])"
)
# Three letters side by side are Icelandic, or of another alphabet: words like `Café` tell which.
# One sign three times over (£££, ···) is no word of any.
_THREE = re.compile(
    rb"(?<![\x80-\xff])(?!([\xa1-\xbf])\1\1)[" + _LETTERS + rb"\xa1-\xbf]{3}(?![\x80-\xff])"
)
_WESTERN = re.compile(
    rb"[A-Za-z][" + _LETTERS + rb"](?![\x80-\xff])|(?<![\x80-\xff])[" + _LETTERS + rb"][A-Za-z]"
)

# A word beyond ASCII in UTF-7, and what switches to Japanese or Chinese in mail.
_UTF_7 = re.compile(rb"\+([A-Za-z0-9+/]{3,})-")
_SWITCHED = re.compile(rb"\x1b[$(][@-Z(]|~\{(?:[!-}][!-~])+~\}")

# UTF-8 that was read as cp1252 and written as UTF-8 once more.
_TWICE = re.compile("[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[™œ“”˜¦¢\u009d]")


def no_text(raw: bytes) -> str | None:
    """Why bytes are no text of ours whatever their letters: UTF-32, UTF-7, a mainframe's, mail's.

    None where they may be UTF-8 or cp1252.
    """
    head = raw[:4096]
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or _is_utf_32(head):
        return f"this seems to be UTF-32: {SAVE}"
    may_switch = b"\x1b" in raw or b"~{" in raw
    if (found := may_switch and _SWITCHED.search(raw)) or (found := _utf_7(raw)):
        what = "UTF-7" if found.re is _UTF_7 else "an encoding of Japanese or Chinese mail"
        return f"line {_line(raw, found.start())} seems to be in {what}: {SAVE}"
    if _is_ebcdic(head):
        return f"this seems to come from a mainframe (EBCDIC): {SAVE}"
    return None


def foreign(raw: bytes) -> str | None:
    """Why bytes that are no UTF-8 are hardly cp1252 either, with the word that settles it."""
    if raw.isascii() or _has_lone_signs_only(raw):
        return None
    found = _of_no_western_word(raw)
    if found is None:
        for encoding, system, form in _SYSTEMS:
            if match := form.search(raw):
                byte = match[0][:1]
                return (
                    f"line {_line(raw, match.start())} holds the byte 0x{byte[0]:02X}, which is "
                    f"'{cp1252(byte)}' in Windows' text and '{byte.decode(encoding)}' in that of "
                    f'{system}; the contract has to say which: "encoding": "{encoding}", or '
                    '"cp1252"'
                )
        return None
    begin = max(raw.rfind(mark, 0, found.start()) for mark in (b"\n", b"\r", b",", b";", b"\t"))
    word = re.split(rb"[\r\n,;\t]", raw[begin + 1 : begin + 81])[0].strip(b' "')
    shown = "".join(c if c.isprintable() else "\ufffd" for c in cp1252(word))
    return (
        f"line {_line(raw, found.start())} would read '{shown}': {SAVE}, or have the contract's "
        "'encoding' name its own (\"cp1252\" if this is what it says)"
    )


def may_hold_utf_8(raw: bytes) -> bool:
    """False where no letter beyond ASCII can be UTF-8, whatever line it stands in."""
    return len(raw.translate(None, _BEGINS_UTF_8)) < len(raw)


def spoilt(text: str) -> str | None:
    """What to say of text whose letters were lost before it came here; None where none seem so."""
    found = _TWICE.search(text)
    if found is None:
        return None
    number = text.count("\n", 0, found.start())
    cells = re.split(r"[,;\t|]", text.split("\n", number + 1)[number])
    said = next((c.strip(' "') for c in cells if _TWICE.search(c)), found[0])
    return (
        f"line {number + 1}: '{said}' was saved twice in different encodings before it came here; "
        "such texts are loaded as they stand"
    )


def cp1252(raw: bytes) -> str:
    """Windows' western text. latin-1 names the five bytes that cp1252 leaves undefined."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _line(raw: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", raw[:at])) + 1


def _has_lone_signs_only(raw: bytes) -> bool:
    """True where nothing lies beyond ASCII but pound signs, dashes and the like, fewer than three
    side by side: no form above is made of those, and passing over the bytes for it is slow."""
    return not raw.translate(None, _USUAL) and b"\xa3" * 3 not in raw.translate(_AS_ONE_SIGN)


def _of_no_western_word(raw: bytes) -> re.Match[bytes] | None:
    for run in _RUN.finditer(raw):
        if len(run[0].translate(None, _SIGN_BYTES)) > 1:
            return run
    for found in _NO_WORD.finditer(raw):
        # What MS-DOS or a Macintosh writes so is told by its own name.
        if not any(form.match(raw, found.start()) for _, _, form in _SYSTEMS):
            return found
    three = list(_THREE.finditer(raw))
    return three[0] if len(three) > len(_WESTERN.findall(raw)) else None


def _is_utf_32(head: bytes) -> bool:
    whole = head[: len(head) // 4 * 4]
    if len(whole) < 8:
        return False
    count = len(whole) // 4
    zeros = [whole[at::4].count(0) for at in range(4)]
    return zeros[1:].count(count) >= 2 or zeros[:3].count(count) >= 2


def _utf_7(raw: bytes) -> re.Match[bytes] | None:
    for found in _UTF_7.finditer(raw):
        try:
            said = found[0].decode("utf-7")
        except UnicodeDecodeError:
            continue
        if said and not said.isascii() and said.isprintable() and found[1][:1] in b"AI":
            return found
    return None


# Letters, digits and marks of a table in EBCDIC: its digits are 0xF0 to 0xF9, its space is 0x40.
_EBCDIC = bytes(
    (
        *(0x40, 0x4B, 0x5E, 0x6B, 0x60, 0x61, 0x7F, 0x05, 0x0D, 0x15, 0x25, *range(0x81, 0x8A)),
        *(*range(0x91, 0x9A), *range(0xA2, 0xAA), *range(0xC1, 0xCA), *range(0xD1, 0xDA)),
        *(*range(0xE2, 0xEA), *range(0xF0, 0xFA)),
    )
)


def _is_ebcdic(head: bytes) -> bool:
    return (
        len(head) > 8
        and b"\n" not in head
        and len(head.translate(None, _EBCDIC)) < 0.1 * len(head)
        and sum(head.count(digit) for digit in range(0xF0, 0xFA)) > 0
        and not head.isascii()
    )

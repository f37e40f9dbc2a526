"""The likely cause of a value that cannot be read, in words a data officer understands."""

import re

from dashboard.load.contract import PER_CENTS, Field
from dashboard.load.dates import NOUGHTS, excel_day, in_words, read_dates

WITHHELD = re.compile(r"<\s*\d+|\*|c|x|z|k|s|u|low|supp(?:ressed)?\.?", re.IGNORECASE)
NOTHING = re.compile(
    r"-+|–|\.+|n/?a|n\.a\.|nil|none|null|tbc|tba|unknown|"
    r"not (?:available|known|applicable)|new(?: from .*)?",
    re.IGNORECASE,
)

_TO_DATE = re.compile(r"\b(?:ytd|y\.t\.d\.|(?:year|years) to date|to date|cumulative)\b", re.I)


def likely(f: Field, value: str | None) -> str | None:
    """What probably went wrong with this text of this field, or None where it cannot be told."""
    text = (value or "").strip()
    if not text or f.kind == "text":
        return None
    if text.startswith("#") and text.endswith(("!", "?", "A", "0")):
        return "this is an error of the spreadsheet's own formula"
    if "Ã" in text or "Â" in text or "\ufffd" in text:
        return "the file was saved twice in different encodings"
    if f.is_number:
        return _of_number(f, text)
    if f.kind in ("date", "month", "period"):
        return _of_date(f, text)
    return None


def _of_number(f: Field, text: str) -> str | None:
    if NOTHING.fullmatch(text):
        return f"if '{text}' means that there is no value, the contract's missingValues says so"
    if WITHHELD.fullmatch(text):
        return f"if '{text}' means that the figure is withheld, the contract's 'suppressed' says so"
    run_together = re.match(r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})(\d+)", text)
    if run_together:
        return "a date and an amount seem to have run together"
    if any(read_dates([text]).values()):
        return "this is a date; the columns may have shifted"
    if re.fullmatch(r"[£\s]*[\d,.]+\s*(?:k|m|bn|million|thousand)", text, re.IGNORECASE):
        return "thousands or millions are not read unless the contract says 'suffixes'"
    if re.fullmatch(r"£?\d{1,3}(?:\.\d{3})+(?:,\d+)?|£?\d+,\d{1,2}", text):
        return "the comma seems to be the decimal mark; the contract's decimalChar says so"
    if re.fullmatch(r"[£\s(-]*\d[\d,]*(?:\.\d+)?\)?", text):
        return (
            "a whole number was expected"
            if f.kind == "integer"
            else "the commas do not stand between thousands"
            if "," in text
            else None
        )
    if text.endswith("%") and f.name not in PER_CENTS:
        return "this is a per cent; the columns may have shifted"
    if re.search(r"\d[OolI]|[OolI]\d", text):
        return "a letter O or l seems to stand for a nought or a one"
    if re.fullmatch(r"[£\s-]*[\d,]+(?:\.\d+)?\s*[CD]R?\.?", text, re.IGNORECASE):
        return (
            "CR and DR stand for the sign, and a ledger's credit is another's debit: write a minus "
            "before what came back (-40.00), and nothing behind the others"
        )
    if re.fullmatch(r"[€$]\s*[\d,.]+", text):
        return "the amount is in another currency"
    if f.kind == "money" and re.fullmatch(r"[£\s-]*[\d.]+E\+\d+", text):
        return (
            "a spreadsheet has shortened this amount and its last digits are lost: give the column "
            "a number format there, and save it again"
        )
    if not re.search(r"\d", text):
        return None if len(text.split()) == 1 else "this is text; the columns may have shifted"
    return None


def _of_date(f: Field, text: str) -> str | None:
    if f.kind == "period" and _TO_DATE.search(text):
        return (
            "a year to date repeats the months in it: leave such rows out of the file, or have "
            "the contract's 'only' do so"
        )
    if day := excel_day(text):
        reads = "; the contract's format 'excel' reads it" if f.kind == "date" else ""
        return f"this is Excel's number for {in_words(day)}{reads}"
    if f.name == "date" and _is_nought(f, text):
        return (
            "systems and spreadsheets write so a date that is blank, for it is the day that they "
            "count from"
        )
    if re.match(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\d+", text):
        return "a date and another number seem to have run together"
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})", text)
    if found and int(found[2]) > 12 and int(found[1]) <= 12:
        return "the month seems to stand before the day"
    if found or re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return (
            "there is no such day"
            if f.kind != "date" or (f.format in ("any", "default") and not _is_uk(text))
            else "the contract asks for another form of date; format 'any' reads every UK form"
        )
    if f.kind == "date" and f.format != "any" and any(read_dates([text]).values()):
        return "the contract asks for another form of date; format 'any' reads every UK form"
    if re.fullmatch(r"[£(-]?[\d,]+\.\d+\)?", text):
        return "this is a number; the columns may have shifted"
    return None


def _is_nought(f: Field, text: str) -> bool:
    days = {*read_dates([text], f.format).values(), *read_dates([text]).values()} - {None}
    return bool(days & {*NOUGHTS}) or bool(re.match(r"(?:3[01]/12/1899|1899-12-3[01])\b", text))


def _is_uk(text: str) -> bool:
    return any(read_dates([text]).values())

"""What kind of thing a cell holds, told by its form alone: enough to see that columns shifted."""

import re

NUMBER = re.compile(r"[£$€(+−-]{0,3}\s*(?:\d[\d,]*(?:\.\d+)?|\.\d+)\s*%?\)?-?")
DATE = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}(?:[ T].*)?|(?:[A-Za-z]+ )?\d{1,2}(?:st|nd|rd|th)?[- ]"
    r"[A-Za-z]{3,9}[- ,]*\d{2,4}(?: .*)?|[A-Za-z]{3,9}[- ]\d{2,4}|\d{4}-\d\d"
)


def kind_of(text: str) -> str:
    """blank, number, date or text."""
    text = text.strip()
    if not text:
        return "blank"
    if NUMBER.fullmatch(text):
        return "number"
    return "date" if DATE.fullmatch(text) else "text"

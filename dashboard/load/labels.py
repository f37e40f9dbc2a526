"""What a cell says that makes its row a total by itself."""

# In small letters and without a colon behind.
LABELS = (
    *("total", "totals", "grand total", "grand totals", "overall total"),
    *("sub total", "sub-total", "subtotal", "sub totals", "sub-totals", "subtotals"),
    *("total amount", "total (£)", "total £", "total value", "total net", "net total"),
    *("total gross", "gross total", "total spend", "total expenditure", "total payments"),
    *("report total", "page total", "sheet total", "total for month", "total for the month"),
    *("month total", "monthly total", "year total", "annual total", "all services total"),
)


def as_label(text: str) -> str:
    """A text as it is compared with labels: small letters, no colon behind."""
    return text.strip().lower().rstrip(" :.")

"""The feeds a workspace can have, with the fields each is read into."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feed:
    """One feed: its fields with their kinds, the fields it can't do without, and its key.

    A sensitive one holds what few people said: of its rows no text, value or sum stands in what
    readers open, and of its figures what small numbers allow (dashboard/load/small_numbers.py).

    Kinds: text · integer · number (double) · money (pounds, exact to the penny) · share
    (0 to 1) · boolean · date · month (read from any period form; stored as the first of the
    month) · period (any period form; stored as label, first and last month).
    """

    fields: dict[str, str]
    required: tuple[str, ...]
    key: tuple[str, ...] = ()
    is_sensitive: bool = False


_WHO = {"service_id": "text", "council_id": "text"}

# In the order in which they are loaded: what is referred to comes before what refers.
FEEDS: dict[str, Feed] = {
    "services": Feed(
        {
            "service_id": "text",
            "name": "text",
            "group": "text",
            "position": "integer",
            "overhead": "boolean",
            "main_unit": "text",
        },
        required=("service_id", "name"),
        key=("service_id",),
    ),
    "councils": Feed(
        {"council_id": "text", "name": "text", "kind": "text", "position": "integer"},
        required=("council_id", "name"),
        key=("council_id",),
    ),
    "memberships": Feed(
        {**_WHO, "from": "month", "to": "month"},
        required=("service_id", "council_id", "from"),
        key=("service_id", "council_id", "from"),
    ),
    "measures": Feed(
        {
            "measure_id": "text",
            "service_id": "text",
            "name": "text",
            "unit": "text",
            "good_direction": "text",
            "frequency": "text",
            "cumulative": "boolean",
            "definition": "text",
            "why_it_matters": "text",
            "owner_role": "text",
            "checked_by": "text",
            "next_review": "date",
            "source": "text",
            "kind": "text",
            "year_end_month": "integer",
            "numerator_multiplier": "number",
            "denominator_multiplier": "number",
            "part_of_whole": "boolean",
            "weight": "number",
            "rolling_months": "integer",
            "screen_outliers": "boolean",
            "fix_limits_after": "integer",
        },
        required=("measure_id", "service_id", "name"),
        key=("measure_id",),
    ),
    "targets": Feed(
        {
            "measure_id": "text",
            "council_id": "text",
            "from": "month",
            "to": "month",
            "target": "number",
            "tolerance": "number",
            "rule": "text",
        },
        required=("measure_id", "from"),
        key=("measure_id", "council_id", "from"),
    ),
    "events": Feed(
        {
            "date": "date",
            "title": "text",
            **_WHO,
            "measure_id": "text",
            "kind": "text",
            "rebase": "boolean",
            "source": "text",
        },
        required=("date", "title"),
    ),
    "performance": Feed(
        {
            "period": "period",
            **_WHO,
            "measure_id": "text",
            "value": "number",
            "numerator": "number",
            "denominator": "number",
            "status": "text",
            "source": "text",
        },
        required=("period", "service_id", "council_id", "measure_id"),
        key=("period", "service_id", "council_id", "measure_id"),
    ),
    "costs": Feed(
        {
            "period": "period",
            **_WHO,
            "cost_type": "text",
            "budget_block": "text",
            "budget_gbp": "money",
            "forecast_gbp": "money",
            "actual_gbp": "money",
            "source": "text",
        },
        required=("period", "service_id", "council_id"),
        key=("period", "service_id", "council_id", "cost_type", "budget_block"),
    ),
    "ledger": Feed(
        {
            "date": "date",
            **_WHO,
            "cost_type": "text",
            "supplier": "text",
            "description": "text",
            "amount_gbp": "money",
        },
        required=("date", "service_id", "council_id", "amount_gbp"),
    ),
    "volumes": Feed(
        {"period": "period", **_WHO, "unit": "text", "quantity": "number", "kind": "text"},
        required=("period", "service_id", "council_id", "unit"),
        key=("period", "service_id", "council_id", "unit"),
    ),
    "cost_shares": Feed(
        {"year": "period", **_WHO, "share": "share", "source": "text"},
        required=("year", "service_id", "council_id", "share"),
        key=("year", "service_id", "council_id"),
    ),
    "satisfaction": Feed(
        {
            "period": "period",
            **_WHO,
            "invited": "integer",
            "respondents": "integer",
            "satisfied": "integer",
            "satisfied_share": "share",
            "very_satisfied": "integer",
            "fairly_satisfied": "integer",
            "neither": "integer",
            "fairly_dissatisfied": "integer",
            "very_dissatisfied": "integer",
            "dont_know": "integer",
            "source": "text",
        },
        required=("period", "service_id", "council_id"),
        key=("period", "service_id", "council_id"),
        is_sensitive=True,
    ),
    "benchmarks": Feed(
        {
            "measure_id": "text",
            "period": "period",
            "council_group": "text",
            "value": "number",
            "lower_quartile": "number",
            "median": "number",
            "upper_quartile": "number",
            "source": "text",
        },
        required=("measure_id", "period", "council_group", "source"),
        key=("measure_id", "period", "council_group"),
    ),
    "published": Feed(
        {
            "period": "period",
            "topic": "text",
            "council_id": "text",
            "service_id": "text",
            "figure": "number",
            "unit": "text",
            "text": "text",
            "source": "text",
            "feed": "text",
        },
        required=("period", "topic", "text", "source"),
    ),
}

# The sensitive ones.
SENSITIVE = tuple(name for name, feed in FEEDS.items() if feed.is_sensitive)

# Fields that hold names and prose, where any word may stand.
FREE_TEXT = {
    *("name", "supplier", "description", "title", "text", "source"),
    *("definition", "why_it_matters", "council_group"),
}

# Fields whose sum over rows means something, so that a total row can be told by it.
ADDITIVE: dict[str, tuple[str, ...]] = {
    "performance": ("numerator", "denominator"),
    "costs": ("budget_gbp", "forecast_gbp", "actual_gbp"),
    "ledger": ("amount_gbp",),
    "volumes": ("quantity",),
    "satisfaction": (
        "invited",
        "respondents",
        "satisfied",
        "very_satisfied",
        "fairly_satisfied",
        "neither",
        "fairly_dissatisfied",
        "very_dissatisfied",
        "dont_know",
    ),
}

# Each id must be known to the feed that owns it, where the workspace has that feed.
OWNERS = {"service_id": "services", "council_id": "councils", "measure_id": "measures"}

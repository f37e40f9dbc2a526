"""What really changed, and where do we stand?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import findings, overview
from dashboard.render.screen import about, show

st.title("Where do we stand?")
about()
with filters.row():
    councils = filters.councils()
    months = filters.months()
    since = filters.since(months.last)

show(
    findings.changed(service_id=None, council_ids=councils, since=since, to_month=months.last),
    overview.grid(council_ids=councils, **months.span()),
)

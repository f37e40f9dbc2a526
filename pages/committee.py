"""What do we tell the Joint Committee?"""

import streamlit as st

from dashboard import filters, rostrum
from dashboard.render.screen import about

st.title("Committee report")
about()
with filters.row():
    councils = filters.councils()
    months = filters.months(newest_year_of="performance")

rostrum.committee(council_ids=councils, **months.span())

"""Where do we stand?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import overview
from dashboard.render.screen import about, show

st.title("Where do we stand?")
about()
with filters.row():
    councils = filters.councils()
    months = filters.months()

show(overview.movements(service_id=None, council_ids=councils, **months.span()))
show(overview.grid(council_ids=councils, **months.span()))

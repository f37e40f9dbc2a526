"""How is one service doing, for each council?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import measures, together
from dashboard.render.screen import about, show

st.title("Service")
about()
with filters.row():
    service = filters.service()
    councils = filters.councils()
    months = filters.months()
    first = filters.part(*together.measures_a_figure(service), "Measures drawn")

show(together.service(service_id=service, council_ids=councils, first=first, **months.span()))
show(measures.now(service_id=service, council_ids=councils, **months.span()))

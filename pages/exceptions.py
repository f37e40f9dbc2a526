"""What misses its target or gets worse, for how long, and who answers for it?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import exceptions
from dashboard.render.screen import about, show

st.title("Exceptions")
about()
with filters.row():
    service = filters.service_or_all()
    councils = filters.councils()
    months = filters.months()

show(exceptions.listed(service_id=service, council_ids=councils, to_month=months.last))

"""How satisfied are the customers?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import published, reference, satisfaction
from dashboard.render.screen import about, say, show

st.title("Satisfaction")
about()
if not reference.has("satisfaction"):
    say(reference.lacks("satisfaction"))
    st.stop()
with filters.row():
    service = filters.service_or_all()
    councils = filters.councils(customers=True)
    months = filters.months()

show(satisfaction.by_customer(service_id=service, council_ids=councils, **months.span()))
show(satisfaction.by_service(council_ids=councils, **months.span()))
show(satisfaction.services_over_time(council_ids=councils, **months.span()))
show(*published.where_any(feed="satisfaction", **months.span()))

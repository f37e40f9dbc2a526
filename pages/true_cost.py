"""What does each council truly cost, and who would pay what if costs were shared otherwise?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import published, reference, true_cost
from dashboard.render.screen import about, say, show

st.title("True cost")
about()
if not reference.has("costs"):
    say(reference.lacks("costs"))
    st.stop()
with filters.row():
    service = filters.service_or_all()
    councils = filters.councils()
    months = filters.months(newest_year_of="costs")
with filters.row():
    what_if = filters.what_if()

show(*true_cost.where_any(service_id=service, **what_if.parameters(), **months.span()))
show(true_cost.steps(service_id=service, council_ids=councils, **months.span()))
if service is None:
    show(true_cost.by_service(council_ids=councils, **months.span()))
show(true_cost.agreed_shares(service_id=service, **months.span()))
show(*published.where_any(feed="costs", **months.span()))

"""How satisfied are the customers, and what really changed?"""

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

chosen = {"council_ids": councils, **months.span()}
show(
    satisfaction.headline(service_id=service, **chosen),
    satisfaction.by_customer(service_id=service, **chosen),
    satisfaction.answers(service_id=service, **chosen),
    satisfaction.by_service(**chosen),
    satisfaction.services_over_time(**chosen),
    satisfaction.perceived(**chosen),
    satisfaction.response(service_id=service, **chosen),
    *published.where_any(feed="satisfaction", **months.span()),
)

"""Where did the money go: from a service's variance to its cost types, suppliers and lines?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import reference, spending
from dashboard.render.screen import about, say, show, trail

st.title("Where did the money go?")
about()
if not reference.has("costs") and not reference.has("ledger"):
    say(reference.lacks("costs"))
    st.stop()
with filters.row():
    service = filters.service_or_all()
    councils = filters.councils()
    months = filters.months()
    cost_type = filters.cost_type()
    supplier = filters.supplier()

trail(spending.trail(service, cost_type, supplier))
show(
    *spending.down_to_lines(
        service_id=service,
        council_ids=councils,
        cost_type=cost_type,
        supplier=supplier,
        **months.span(),
    )
)

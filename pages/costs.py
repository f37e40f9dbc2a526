"""What do services cost, against budget and the year before?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import costs, forecast, published, reference
from dashboard.render.screen import about, say, show

st.title("Costs")
about()
if not reference.has("costs"):
    say(reference.lacks("costs"))
    st.stop()
with filters.row():
    service = filters.service_or_all()
    councils = filters.councils()
    months = filters.months()
    first = filters.part(*costs.services_a_figure(), "Services drawn")

show(costs.to_date(service_id=service, council_ids=councils, to_month=months.last))
show(costs.through_the_year(service_id=service, council_ids=councils, **months.span()))
show(forecast.cost_year_end(service_id=service, council_ids=councils, to_month=months.last))
show(costs.by_service(council_ids=councils, first=first, **months.span()))
show(*published.where_any(feed="costs", **months.span()))

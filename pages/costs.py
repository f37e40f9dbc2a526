"""What do services cost, against budget, forecast and the year before?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import costs, forecast, outturn, published, reference, variance
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
    cost_type = filters.cost_type()
    block = filters.budget()
    by = filters.split(service_id=service, cost_type=cost_type, budget_block=block)
    first = filters.part(*costs.services_a_figure(), "Services drawn")

of = {"council_ids": councils, "cost_type": cost_type, "budget_block": block}
year = {"service_id": service, "to_month": months.last, **of}
show(costs.to_date(**year, by=by))
show(*variance.where_budgeted(**year, by=by))
show(*published.where_any(feed="costs", **months.span()))
show(costs.through_the_year(service_id=service, **months.span(), **of))
show(*outturn.where_any(**year))
if cost_type is None and block is None:
    show(forecast.cost_year_end(service_id=service, council_ids=councils, to_month=months.last))
show(costs.by_service(first=first, **months.span(), **of))

"""What does one measure say, and what is it?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import (
    forecast,
    funnel,
    measures,
    published,
    reference,
    reported,
    signals,
)
from dashboard.render.screen import about, say, show

st.title("Measure")
about()
with filters.row():
    service = filters.service_of_measure()
    measure = filters.measure(service)
    councils = filters.councils()
    months = filters.months()
    kind = filters.period_kind(measure, service, councils)

if measure is None:
    say("This service has no measure: choose another service.")
else:
    of = {"measure_id": measure, "reported_by": reported.told_apart(measure, service)}
    chosen = {**of, "council_ids": councils, "period_kind": kind}
    control = signals.control(**chosen, **months.span())
    show(control, signals.standings(**chosen))
    if control.chart:
        show(signals.marks(**chosen, **months.span()))
    show(measures.trend(**chosen, **months.span()))
    if reference.measures()[measure]["is_cumulative"]:
        show(forecast.measure_year_end(**chosen, to_month=months.last))
    show(funnel.compared(**chosen, to_month=months.last))
    show(measures.passport(**of))
    show(measures.overall(**chosen, **months.span()))
    show(*published.where_any(feed="performance", service_id=service, **months.span()))

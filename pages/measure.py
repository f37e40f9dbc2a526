"""What does one measure say, and what is it?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import forecast, measures, reference
from dashboard.render.screen import about, say, show

st.title("Measure")
about()
with filters.row():
    service = filters.service()
    measure = filters.measure(service)
    councils = filters.councils()
    months = filters.months()

if measure is None:
    say("This service has no measure: choose another service.")
else:
    show(measures.trend(measure_id=measure, council_ids=councils, **months.span()))
    if reference.measures()[measure]["is_cumulative"]:
        ahead = forecast.measure_year_end(
            measure_id=measure, council_ids=councils, to_month=months.last
        )
        show(ahead)
    show(measures.passport(measure_id=measure))
    show(measures.overall(measure_id=measure, council_ids=councils, **months.span()))

"""What does a piece of work cost, and what do we get for it?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import reference, unit_costs, value
from dashboard.render.screen import about, say, show, side_by_side

st.title("Value for money")
about()
if not unit_costs.any_told():
    say(reference.lacks("volumes"))
    st.stop()
with filters.row():
    service = filters.service_or_all()
    unit = filters.unit(unit_costs.units(service))
    councils = filters.councils()
    months = filters.months()
chosen = {"service_id": service, "council_ids": councils}

side_by_side(
    value.against_quality(unit=unit, **chosen, **months.span()),
    value.against_satisfaction(unit=unit, **chosen, **months.span()),
)
show(unit_costs.told(unit=unit, **chosen, to_month=months.last))
show(unit_costs.over_years(unit=unit, **chosen, **months.span()))
show(*value.beside_others(**chosen, **months.span()))
show(*unit_costs.exceptions(unit=unit, **chosen, to_month=months.last))

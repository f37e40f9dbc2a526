"""What does one council get?"""

import streamlit as st

from dashboard import filters
from dashboard.exhibits import overview, together
from dashboard.render.screen import about, show

st.title("Council")
about()
with filters.row():
    council = filters.council()
    months = filters.months()

show(overview.services_of_council(council_id=council, **months.span()))
show(together.council(council_id=council, **months.span()))

"""What was loaded, how fresh is it, and what was wrong with it?"""

import streamlit as st

from dashboard import desk, filters
from dashboard.exhibits import data
from dashboard.render.screen import about, show

st.title("Data")
about()
desk.at_the_start()
show(data.freshness(on=data.today()))
desk.upload(list(data.resources()))

with filters.row():
    feed = filters.feed()
show(data.reconciliation(feed=feed))

with filters.row():
    file, rule = filters.set_aside(data.kinds_set_aside())
show(data.set_aside(file=file, rule=rule))
show(data.skipped(file=file), data.doubtful())
show(data.alike_names())

show(data.restatements())
show(data.loads())
desk.restore()

with filters.row():
    resource = filters.resource(list(data.resources()))
show(data.contract(resource=resource))
desk.template(resource, data.resources()[resource])

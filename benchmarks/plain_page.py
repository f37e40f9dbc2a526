"""The least a Streamlit page with something on it costs: one choice, one chart, one table.

With FREEZE set, the garbage collector is told once that what was imported stays.
"""

import functools
import gc
import os

import plotly.graph_objects as go
import streamlit as st


@functools.cache
def freeze() -> None:
    """Once a process."""
    gc.freeze()


if os.environ.get("FREEZE"):
    freeze()

PERIODS = {"All": 48, "Last 12 months": 12}

months = PERIODS[st.selectbox("Period", list(PERIODS))]
values = [(7 * i) % 12 for i in range(months)]
st.plotly_chart(go.Figure(go.Scatter(x=list(range(months)), y=values)))
st.table({"month": list(range(months)), "value": values})

"""The script people usually write for a ledger: read every file, filter, sum, chart, table."""

import os
from pathlib import Path

import pandas as pd
import plotly.express as px
import streamlit as st


@st.cache_data
def read_ledger(folder: str) -> pd.DataFrame:
    """All months in one frame."""
    files = sorted(Path(folder, "ledger").glob("*.csv"))
    return pd.concat([pd.read_csv(f, parse_dates=["date"]) for f in files], ignore_index=True)


st.title("Costs")
ledger = read_ledger(os.environ["DATA"])
service = st.selectbox("Service", sorted(ledger["service_id"].unique()))

chosen = ledger[ledger["service_id"] == service]
monthly = (
    chosen.groupby([chosen["date"].dt.strftime("%Y-%m"), "council_id"])["amount_gbp"]
    .sum()
    .reset_index()
)
st.subheader(f"{service}: £{monthly['amount_gbp'].sum():,.0f} spent")
st.plotly_chart(px.line(monthly, x="date", y="amount_gbp", color="council_id"))
st.dataframe(monthly)

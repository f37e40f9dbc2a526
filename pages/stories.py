"""Which stories are there, and what does each of them show?"""

import streamlit as st

from dashboard import rostrum

story = rostrum.chosen()
st.title(rostrum.heading(story))
if story:
    rostrum.arrange(story)
else:
    rostrum.shelf()

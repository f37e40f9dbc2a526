"""oneSource's dashboard: page config, navigation, run; nothing else."""

import streamlit as st

from dashboard import filters, reading, startup
from dashboard.render import screen

st.set_page_config(page_title="oneSource dashboard", page_icon=str(screen.ICON), layout="wide")
startup.prepare()
screen.begin(filters.choose)

page = st.navigation(
    {
        "Where we stand": [
            st.Page(
                "pages/overview.py",
                title="Overview",
                icon=":material/dashboard:",
                default=True,
                help="Every service with every council, and what really changed.",
            ),
            st.Page(
                "pages/exceptions.py",
                title="Exceptions",
                icon=":material/report:",
                help="What misses its target or gets worse, for how long, and who owns it.",
            ),
            st.Page(
                "pages/council.py",
                title="Council",
                icon=":material/account_balance:",
                help="What one council gets, service by service.",
            ),
        ],
        "Look closer": [
            st.Page(
                "pages/service.py",
                title="Service",
                icon=":material/work:",
                help="One service: its measures, costs and customers on one time axis.",
            ),
            st.Page(
                "pages/measure.py",
                title="Measure",
                icon=":material/show_chart:",
                help="One measure in full: trend, target, events and definition.",
            ),
        ],
        "Themes": [
            st.Page(
                "pages/costs.py",
                title="Costs",
                icon=":material/payments:",
                help="Cost against budget, forecast and the year before.",
            ),
            st.Page(
                "pages/spending.py",
                title="Spending",
                icon=":material/receipt_long:",
                help="Where the money went: cost types, suppliers and lines of the ledger.",
            ),
            st.Page(
                "pages/true_cost.py",
                title="True cost",
                icon=":material/pie_chart:",
                help="What each council truly costs; who would pay what if costs were shared "
                "otherwise.",
            ),
            st.Page(
                "pages/satisfaction.py",
                title="Satisfaction",
                icon=":material/sentiment_satisfied:",
                help="What customers say.",
            ),
            st.Page(
                "pages/value.py",
                title="Value for money",
                icon=":material/balance:",
                help="What a piece of work costs, and what is got for it.",
            ),
        ],
        "Present": [
            st.Page(
                "pages/stories.py",
                title="Stories",
                icon=":material/co_present:",
                help="Exhibits in an order, to be presented and taken home.",
            ),
            st.Page(
                "pages/committee.py",
                title="Committee report",
                icon=":material/description:",
                help="The whole service, by borough, and every exception, as a Word document.",
            ),
        ],
        "Behind it": [
            st.Page(
                "pages/data.py",
                title="Data",
                icon=":material/database:",
                help="What was loaded, what was set aside and why; send new exports.",
            ),
        ],
    }
)
if problem := startup.unreadable():
    screen.say(problem, "error")
    st.stop()
# A version that is published while a page is made is what its next run shows.
with reading.bound(reading.now()):
    page.run()

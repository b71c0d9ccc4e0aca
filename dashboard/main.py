"""The script that Streamlit runs for every reader: the list of pages and what stands around them."""

from pathlib import Path

import streamlit as st

from dashboard.strings import say
from dashboard.views import campaign, frame, measurement, overview, target, vantage_points
from models.store import StoreError

LOGO = (Path(__file__).parent / "assets" / "logo.svg").read_text("utf-8")

st.set_page_config(page_title=say("product"), layout="wide", initial_sidebar_state="collapsed")
st.logo(LOGO, size="medium")
chosen = st.navigation(
    [
        st.Page(overview.page, title=say("nav.overview"), url_path="overview", default=True),
        st.Page(campaign.page, title=say("nav.campaign"), url_path="campaign"),
        st.Page(vantage_points.page, title=say("nav.vantage_points"), url_path="vantage-points"),
        st.Page(target.page, title=say("nav.target"), url_path="target", visibility="hidden"),
        st.Page(measurement.page, title=say("nav.measurement"), url_path="measurement", visibility="hidden"),
    ],
    position="top",
)
try:
    frame.opening()
    chosen.run()
except StoreError as exc:
    frame.store_trouble(exc)
frame.closing()

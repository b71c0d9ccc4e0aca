"""How it is shown: Streamlit pages, the JSON API, badges and metrics, over a store that is only read."""

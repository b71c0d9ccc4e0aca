// Tells Streamlit's client where its server is, so that a deep link needs no guessing.
window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/" };

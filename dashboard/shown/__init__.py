"""What each page shows, as frozen data: built from the configuration and the store, drawn by `views/`, given out by `api/`."""

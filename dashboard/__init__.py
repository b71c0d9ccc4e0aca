"""How it is shown: pages, API, badges. Reads the store, never writes it."""

"""The eyes: one function for each network operation, and the experiment that calls them in order."""

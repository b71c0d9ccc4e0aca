"""The JSON API, badges, health and metrics: the same facts as the pages', for programs."""

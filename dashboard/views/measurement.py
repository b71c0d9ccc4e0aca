"""Page."""


def page() -> None: ...

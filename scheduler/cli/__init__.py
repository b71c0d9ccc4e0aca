"""The command line: one file a command, loaded when it is called."""


def main() -> None:
    raise SystemExit("wallwatch: no command yet")

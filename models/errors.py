"""The root of the few errors that people meet: each says what is wrong, where, and what to do next."""


class WallwatchError(Exception):
    """Something that whoever runs wallwatch can put right; the command line prints it without a traceback and exits with 2."""

"""A censor in a box: real sockets on loopback that forge, reset, drop, close, stall, redirect and throttle."""

"""Gives recorded exchanges back over HTTP on loopback, as they came: chunk by chunk, faults included."""

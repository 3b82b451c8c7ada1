"""Sends calls and keeps what came back: the network, its bounds, recordings, redaction."""

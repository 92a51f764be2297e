"""Smaller and faster models made out of the shipped one, measured beside it: docs/compression.md."""

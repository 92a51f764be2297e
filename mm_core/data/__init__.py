"""Labelled rows: tables on disk -> token banks -> compositions."""

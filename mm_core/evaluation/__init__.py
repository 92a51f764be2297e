"""Evaluation: metrics with intervals, and the report that every figure shown comes from."""

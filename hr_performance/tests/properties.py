"""Settings of the property tests: reproducible, and without a time limit per example."""

from hypothesis import settings

properties = settings(max_examples=60, derandomize=True, deadline=None, database=None)

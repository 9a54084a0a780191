"""Punches of a shift as stays at work; plain Python."""

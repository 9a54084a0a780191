"""Leaderboards as texts of a chat; plain Python."""

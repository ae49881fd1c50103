"""Importers proven by the packages themselves, where those are installed."""

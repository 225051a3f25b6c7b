"""Compares the imports of Rapport with what people do without it. scripts/bench runs it."""

"""Alembic's migrations of the kept tables."""

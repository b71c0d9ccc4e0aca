"""The version of the rules; it stands in every verdict, and the changelog says under Meaning what changed with it."""

RULESET = "2026.11"

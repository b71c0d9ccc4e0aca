"""The words of wallwatch: frozen facts, verdicts, episodes, configuration, and the one place that speaks SQL."""

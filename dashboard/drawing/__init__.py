"""Pure functions from data to HTML and SVG; everything that comes from outside is escaped here and nowhere else."""

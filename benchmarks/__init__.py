"""How fast anwen is and how well it finds, measured beside what others would use: `python -m benchmarks`."""

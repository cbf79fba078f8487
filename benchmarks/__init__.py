"""Speed, measured as ratios or percentiles in one run: `make bench`. Nothing here is a test."""

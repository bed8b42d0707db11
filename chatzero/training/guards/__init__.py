"""What could end a run: found early, and answered."""

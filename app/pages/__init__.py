"""What supervisors see in a browser."""

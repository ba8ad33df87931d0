"""What is known about Vietnamese, read from the packaged data."""

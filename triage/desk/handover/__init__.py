"""What leaves the desk: for an investigating unit, a platform, a report."""

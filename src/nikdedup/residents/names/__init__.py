"""Personal names: taken apart, written one way, and by their sound."""

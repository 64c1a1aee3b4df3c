"""The Fellegi-Sunter model, the weights it gives, and what forbids a pair."""

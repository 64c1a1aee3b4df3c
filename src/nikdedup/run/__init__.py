"""One run, a verb a file: dedupe, clean, profile, recheck, and the Result they share."""

"""What happened to an extract before it reached us: found as a whole, put right record by record."""

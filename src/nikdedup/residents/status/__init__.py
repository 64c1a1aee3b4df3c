"""Recording status, life status, sex, marriage and relation: texts and codes put in classes."""

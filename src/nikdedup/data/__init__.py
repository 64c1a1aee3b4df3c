"""Region codes, word lists, texts and the model, each with source and date."""

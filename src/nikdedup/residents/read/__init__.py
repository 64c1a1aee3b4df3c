"""How files, workbooks and frames become one table of text: found, opened, headed, freed of what is no record."""

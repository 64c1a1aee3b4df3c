"""What people look at: summary, report, workbook, explanation, notebook figures.

Everything here turns tables and the `run` dictionary (the content of run.json)
into text an office can read, in Indonesian or English. Nothing here decides.
"""

"""The notebook way, cell by cell: from an extract to a table of what each village has to look at.

Runs as a plain script too, without a main guard: `python examples/notebook.py`.
"""

# %% An extract. Here 5,000 synthetic residents; in an office the path of what SIAK gave.
import tempfile
from pathlib import Path

import polars as pl

import nikdedup

folder = Path(tempfile.mkdtemp())
extract = folder / "extract.parquet"
made = nikdedup.generate(extract, rows=5_000, seed=2026)
print(f"{made.rows} records of {made.people} people")

# %% What was understood: which columns were found, and which rows are no records.
read = nikdedup.read(extract)
print(f"{len(read.frame)} records, {len(read.mapping)} fields recognised, {len(read.unmapped)} unused")

# %% Find the duplicates. A cell that ends with `result` shows its figures as a table, without identities.
result = nikdedup.dedupe(extract, lang="en")
print(result.summary())

# %% The seed case: who looks unrecorded, only because another record of theirs is the recorded one?
waiting = result.decisions.filter(pl.col("recorded") == "no", pl.col("action") == "propose_deactivation")
print(f"{len(waiting)} records that nobody needs to visit")

# %% What each village has to look at, as a table for the desk.
desk = (
    result.decisions.filter(pl.col("action") == "verify")
    .join(result.residents.select("row", "kel_name"), on="row")
    .group_by("kel_name")
    .len("to_verify")
    .sort("to_verify", "kel_name", descending=[True, False])
)
print(desk.head())

# %% Why two records were not joined. NIKs and names stay masked.
doubtful = result.pairs.filter(pl.col("band") == "review").sort("weight_log2", "row_l").row(-1, named=True)
print(result.explain(doubtful["row_l"], doubtful["row_r"]).text())

# %% Other tools: pandas and pyarrow.
print(result.to_pandas("people").dtypes.to_dict())
print(result.to_arrow("pairs").num_rows, "stored pairs")

# %% Keep the run, and come back to it tomorrow.
again = nikdedup.open(result.write(folder / "run"))
print(again)

# %% How good is it? Only synthetic extracts know the truth.
print(nikdedup.evaluate(folder / "run", made.truth).text("en"))

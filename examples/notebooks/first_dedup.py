# %% [markdown]
# # A first dedup in ten cells
# Residents who are registered twice, found, looked at and kept. Everybody here is made up. In an office, `data` is the path of what SIAK gave.

# %%
import polars as pl

import nikdedup

made = nikdedup.generate("extract.parquet", rows=5_000, seed=2026)

# %%
result = nikdedup.dedupe("extract.parquet", lang="en")

# %%
result

# %% [markdown]
# Every pair has a weight of evidence (log2). The bars in blue were joined, those in amber are for a person to look at.

# %%
result.plot.weights()

# %%
result.duplicates(kind="E")

# %% [markdown]
# NIKs, names and addresses are masked; what differs is marked by their real values. Why was the weakest of the joined pairs joined?

# %%
weakest = result.pairs.filter(band="confirmed").sort("weight_log2", "row_l").row(0, named=True)
result.explain(weakest["row_l"], weakest["row_r"])

# %% [markdown]
# Some are on the list of residents without a KTP-el only because another record of theirs is the recorded one: nobody need visit them.

# %%
waiting = result.decisions.filter(pl.col("recorded") == "no", pl.col("action") == "propose_deactivation")
print(f"{len(waiting)} records that nobody needs to visit")

# %%
result.coverage()

# %%
again = nikdedup.open(result.write("run"))
again

# %% [markdown]
# `run/` holds the tables, a workbook for the office and a report of one page. How good is it? Made-up extracts know the truth.

# %%
print(nikdedup.evaluate("run", made.truth).text("en"))

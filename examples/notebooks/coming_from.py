# %% [markdown]
# # From Splink or recordlinkage to here
#
# | there | here |
# |---|---|
# | Splink: blocking rules; recordlinkage: `Index` | passes, shipped and measured: `result.plot.passes()` |
# | comparisons and their levels; `Compare` | levels of agreement: `result.record.levels`, `result.plot.m_u()` |
# | estimating u and m, `ECMClassifier` | shipped weights, adjusted to the extract by expectation-maximisation |
# | `predict()`: `match_weight`, `match_probability` | `result.pairs`: `weight_log2` (log2 too), `probability` |
# | `cluster_pairwise_predictions_at_threshold()` | `result.people` |
# | `waterfall_chart()`, `match_weights_chart()` | `result.plot.waterfall(a, b)`, `result.plot.weights()` |
# | additional columns | `evidence={"paspor": "id"}`: a column of your own with weights that are learnt |
#
# What is added: NIK, birth date and sex are one comparison (a NIK contains both); six hypotheses compete for each pair, so that twins are not joined;
# and a decision with its reasons for every record.

# %%
import pandas as pd

import nikdedup

made = nikdedup.generate("extract.parquet", rows=4_000, seed=5)
residents = pd.read_parquet("extract.parquet")  # a frame, as you have it
result = nikdedup.dedupe(residents, lang="en")
result

# %% [markdown]
# The predictions as Splink names them; whole numbers are whole and ids are text, under pandas 2 and 3.

# %%
names = {"record_id_l": "unique_id_l", "record_id_r": "unique_id_r", "weight_log2": "match_weight"}
names["probability"] = "match_probability"
predictions = result.to_pandas("pairs").rename(columns=names)[[*names.values()]]
predictions.dtypes.astype(str).to_dict()

# %% [markdown]
# As recordlinkage has them: a MultiIndex of pairs, with their vectors of comparison.

# %%
pairs = result.to_pandas("pairs")
links = pairs[pairs["band"] == "confirmed"]
vectors = links.filter(like="level_").set_index(pd.MultiIndex.from_frame(links[["row_l", "row_r"]]))
print(len(vectors), "links,", vectors.shape[1], "comparisons")

# %%
sizes = result.people.group_by("person_id").len("records")["records"].value_counts().sort("records")
dict(sizes.iter_rows())

# %%
result.plot.m_u()

# %%
weakest = result.pairs.filter(band="confirmed").sort("weight_log2", "row_l").row(0, named=True)
result.plot.waterfall(weakest["row_l"], weakest["row_r"])

# %%
result.compare(weakest["row_l"], weakest["row_r"])

# %%
found = nikdedup.evaluate(result, made.truth)
print(f"precision {found.precision.value:.4f}, recall {found.recall.value:.4f}")

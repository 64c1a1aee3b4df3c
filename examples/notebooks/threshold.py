# %% [markdown]
# # Choosing a threshold
# Pairs from the confirmed threshold on are joined; between the two thresholds a person looks. What would another one cost, and bring?

# %%
import nikdedup

made = nikdedup.generate("extract.parquet", rows=12_000, seed=99)
result = nikdedup.dedupe("extract.parquet", lang="en")
result

# %%
result.plot.weights()

# %% [markdown]
# Four panels over the threshold: false joins that are expected, pairs left to review, clerk hours for them, joins more or fewer than now.

# %%
result.plot.threshold(pairs_per_hour=25)

# %% [markdown]
# *Decoys*, pairs that are known to be two people, say how often the rules join two people in this extract.

# %%
decoys = result.record.decoys
print(f"{decoys.status}: {decoys.decoys} decoys, {decoys.decoys_above} of them above the threshold")

# %% [markdown]
# A sample to look at, spread over all weights and the same each time. `sample.to_excel("contoh.xlsx")` writes it with cells for an answer.

# %%
sample = result.sample_review(5, seed=1)
sample

# %% [markdown]
# Another threshold is a setting: a lower one joins more. Whether rightly, only made-up residents tell, whose truth is known.

# %%
for asked in (8, 4, 0):
    other = nikdedup.dedupe("extract.parquet", confirmed_log2=asked, decoy_limits=(asked, asked))
    found = nikdedup.evaluate(other, made.truth)
    right, whole = found.precision.value, found.recall.value
    print(
        f"{asked:>3}: {other.record.counts.confirmed_pairs} joined, precision {right:.4f}, recall {whole:.4f}"
    )

# %% [markdown]
# # Cleaning a bad Excel file
# A workbook as villages send it: a title above the table, the header again in the middle, a total at the end, NIKs of which Excel has made numbers,
# dates in three manners, blanks and titles in names. Everybody in it is made up.

# %%
import openpyxl
import polars as pl

import nikdedup

nikdedup.generate("extract.parquet", rows=240, seed=7)
people = pl.read_parquet("extract.parquet")

# %%
HEADER = ["NO", "NIK", "No. KK", "Nama Lengkap", "L/P", "Tempat Lahir", "Tgl Lahir", "Nama Ibu", "Ket. Rekam"]
book = openpyxl.Workbook()
sheet = book.active
sheet.append(["DAFTAR PENDUDUK DESA"])
sheet.append([])
sheet.append(HEADER)
columns = ["NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "NAMA_LGKP_IBU", "EKTP_STATUS"]
for number, (nik, card, name, *rest) in enumerate(people.select(columns).iter_rows(), 1):
    nik = (
        int(nik[:15] + "0") if number % 3 == 0 and len(nik) == 16 else f"'{nik} " if number % 5 == 0 else nik
    )
    name = f"  {name.title()} " if number % 4 == 0 else f"H. {name}" if number % 17 == 0 else name
    sheet.append([number, nik, card, name, *rest])
    if number == 120:
        sheet.append(HEADER)
sheet.append(["Jumlah", None, None, 240])
book.save("desa.xlsx")

# %% [markdown]
# What was understood? Rows that are no records are told apart, with their reason.

# %%
extract = nikdedup.read("desa.xlsx", lang="en")
extract

# %%
pl.DataFrame([vars(row) for row in extract.skipped]).select("source_row", "reason")

# %%
nikdedup.profile("desa.xlsx", lang="en")

# %% [markdown]
# `clean` puts right what is certain, lists every change, and proposes the rest. It writes the workbook in its own shape: only the cells that change.
# A digit that Excel has cut off cannot be brought back, and nobody guesses it.

# %%
cleaned = nikdedup.clean("desa.xlsx", "bersih.xlsx", lang="en")
cleaned

# %%
cleaned.changes.group_by("reason", "applied").len("cells").sort("cells", "reason", descending=[True, False])

# %% [markdown]
# Cleaning what was cleaned changes no cell.

# %%
again = nikdedup.clean("bersih.xlsx", lang="en").changes
again.filter("applied", ~pl.col("reason").str.starts_with("row_")).height

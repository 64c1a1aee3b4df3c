# %% [markdown]
# # Semalam dengan ekspor OpenSID
# Desa mengekspor data penduduk dari OpenSID sebagai satu lembar Excel. Apa yang ganda, siapa yang perlu didatangi, apa yang harus diperbaiki? Semua
# orang di sini rekaan.

# %%
import openpyxl
import polars as pl

import nikdedup

nikdedup.generate("tarikan.parquet", rows=900, seed=21)
people = pl.read_parquet("tarikan.parquet")
status = {"SUDAH REKAM": 3, "CARD_PRINTED": 4, "PRINT_READY_RECORD": 5, "CARD_SHIPPED": 6, "CARD_ISSUED": 8}

# %% [markdown]
# Ekspor OpenSID memakai angka kode: `sex`, `status_kawin`, `kk_level`, `status_rekam`.

# %%
COLUMNS = {
    "alamat": "ALAMAT", "rw": "NO_RW", "rt": "NO_RT", "nama": "NAMA_LGKP", "no_kk": "NO_KK", "nik": "NIK",
    "sex": "JENIS_KLMIN", "tempatlahir": "TMPT_LHR", "tanggallahir": "TGL_LHR", "status_kawin": "STAT_KWN",
    "kk_level": "STAT_HBKEL", "nama_ayah": "NAMA_LGKP_AYAH", "nama_ibu": "NAMA_LGKP_IBU", "status_rekam": "EKTP_STATUS",
}  # fmt: skip
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Data Penduduk"
sheet.append([*COLUMNS])
for line in people.select(COLUMNS.values()).iter_rows(named=True):
    line["JENIS_KLMIN"] = {"L": 1, "P": 2}.get(line["JENIS_KLMIN"], line["JENIS_KLMIN"])
    line["EKTP_STATUS"] = status.get(line["EKTP_STATUS"], 2)
    sheet.append([*line.values()])
book.save("opensid.xlsx")

# %%
nikdedup.read("opensid.xlsx")

# %%
result = nikdedup.dedupe("opensid.xlsx", reference_date="2026-06-30")
result

# %% [markdown]
# Pasangan yang perlu dilihat petugas; yang berbeda diberi tanda. `side_by_side=True` menaruhnya berdampingan.

# %%
result.duplicates(side_by_side=True)

# %%
result.decisions.group_by("action").len("baris").sort("baris", "action", descending=[True, False])

# %% [markdown]
# Buku kerja untuk kantor desa (dengan NIK dan nama, hanya dapat dibaca pemiliknya), dan satu orang sebagai gambar.

# %%
result.to_excel("usulan.xlsx").name

# %%
members = result.people.group_by("person_id").agg(pl.len(), pl.col("row").min()).sort("len", "row")
result.explain_person(members["row"][-1])

# %% [markdown]
# Data yang pasti salah diperbaiki dalam bentuk OpenSID sendiri, siap diimpor kembali sesudah diperiksa.

# %%
nikdedup.clean("opensid.xlsx", "opensid-bersih.xlsx", reference_date="2026-06-30")

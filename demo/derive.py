#!/usr/bin/env python3
"""Derives demo/order-lines.csv from the order lines of the data set Online Retail: see demo/README.md.

Usage: demo/derive.py ORDER-LINES.csv[.gz] > demo/order-lines.csv
"""

import collections
import csv
import gzip
import re
import sys

PRODUCTS = 500
LINES_PER_ARTICLE = 3
OTHER_LINES = 60  # postage, corrections and the like, so that the sample stays as dirty as its source
COLUMNS = ["invoice_no", "stock_code", "description", "quantity", "unit_price"]

path = sys.argv[1]
source = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
rows = list(csv.DictReader(source))


def is_sale(row):
    return (
        re.fullmatch(r"\d{5}[A-Z]{0,2}", row["stock_code"].upper())
        and int(row["quantity"]) > 0
        and float(row["unit_price"]) > 0
        and row["description"].isupper()
    )


sales = collections.Counter(row["stock_code"][:5] for row in rows if is_sale(row))
chosen = {base for base, _ in sales.most_common(PRODUCTS)}
kept = collections.Counter()
out = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
out.writeheader()
for row in rows:
    key = row["stock_code"].upper() if is_sale(row) and row["stock_code"][:5] in chosen else None
    limit = LINES_PER_ARTICLE if key else OTHER_LINES
    if key is None and is_sale(row):
        continue
    if kept[key] < limit:
        kept[key] += 1
        out.writerow(row)

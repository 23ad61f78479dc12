#!/usr/bin/env python3
"""Derives products.csv from the order lines of the data set Online Retail: see README.md.

Usage, from the root of the repository:
    subgraphs/search/tests/search/index/catalogue/derive.py ORDER-LINES.csv[.gz] > …/catalogue/products.csv
"""

import collections
import csv
import gzip
import re
import sys

path = sys.argv[1]
source = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
departments = re.findall(
    r"department\(\s*&\[(.*?)\],\s*&\[(.*?)\]", open("src/import/online_retail/departments.rs").read(), re.S
)
departments = [(re.findall(r'"(.*?)"', where), set(re.findall(r'"(.*?)"', words))) for where, words in departments]

names, prices, skus = (collections.defaultdict(collections.Counter) for _ in range(3))
for row in csv.DictReader(source):
    code, name = row["stock_code"].upper(), " ".join(row["description"].split()).rstrip(".,")
    is_sale = int(row["quantity"]) > 0 and float(row["unit_price"]) > 0 and not row["invoice_no"].startswith("C")
    if re.fullmatch(r"\d{5}[A-Z]{0,2}", code) and is_sale and name.isupper():
        names[code[:5]][name] += 1
        prices[code[:5]][round(float(row["unit_price"]) * 100)] += 1
        skus[code[:5]][code] += 1


def shown(name):
    name = re.sub(r"\bS(?:ET)?/(\d+)\b", r"Set of \1", name)
    return " ".join(word if any(c.islower() or c.isdigit() for c in word) else word.title() for word in name.split())


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["code", "name", "department", "skus", "price_minor", "sales"])
for code in sorted(names):
    name = names[code].most_common(1)[0][0]
    words = set(name.split(" "))
    where = next((where for where, theirs in departments if words & theirs), ["Other"])
    shown_name = shown(name).replace("'S", "'s")
    price = prices[code].most_common(1)[0][0]
    out.writerow([code, shown_name, " > ".join(where), " ".join(sorted(skus[code])), price, sum(names[code].values())])

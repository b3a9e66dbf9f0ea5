"""Makes the reference cases in ../resources/families anew: see README.md.

    python make_families.py [NAME-OF-A-GROUP ...]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import statsmodels.api as sm

import families_cases as families
import families_further as further
import statistics_cases as statistics
import statistics_rows as rows
from fitting import RESOURCES

GROUPS = {
    "binomials": families.binomials, "poissons": families.poissons, "dispersions": families.dispersions,
    "negative-binomials": families.negative_binomials, "zeros": families.zeros, "durations": families.durations,
    "multinomials": further.multinomials, "ordereds": further.ordereds, "scales": further.locations_and_scales,
    "covariances": statistics.covariances, "effects": statistics.effects,
    "rows": rows.rows, "nested": rows.nested, "profiles": rows.profiles, "levels": rows.levels,
}


def data_sets():
    """Those of statsmodels that are in the public domain; those of R are written by families.R."""
    sm.datasets.engel.load_pandas().data.to_csv(RESOURCES / "engel.csv", index=False)
    crime = sm.datasets.statecrime.load_pandas().data.reset_index()
    crime.to_csv(RESOURCES / "statecrime.csv", index=False)
    anes = sm.datasets.anes96.load_pandas().data
    anes[["PID", "popul", "selfLR", "age", "educ", "income", "vote"]].astype(int).to_csv(RESOURCES / "anes96.csv", index=False)
    grunfeld = sm.datasets.grunfeld.load_pandas().data
    grunfeld[["firm", "year"]] = grunfeld[["firm", "year"]].astype({"year": int})
    grunfeld.to_csv(RESOURCES / "grunfeld.csv", index=False)
    stack = sm.datasets.stackloss.load_pandas().data
    stack.columns = [c.lower() for c in stack.columns]
    stack.to_csv(RESOURCES / "stackloss.csv", index=False)


def main():
    np.seterr(all="ignore")
    data_sets()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "r.json"
        subprocess.run(["Rscript", str(Path(__file__).with_name("families.R")), str(RESOURCES), str(results)], check=True)
        library = families.Libraries(json.loads(results.read_text()))
    for name in sys.argv[1:] or GROUPS:
        GROUPS[name](library)


if __name__ == "__main__":
    main()

"""A Poisson regression by statsmodels' formula interface, for deploy/bench estimate.

usage: bench-statsmodels.py PARQUET FORMULA

Prints a JSON object: seconds (from the file to the table, imports not among them) and, by the name of a coefficient,
its estimate and standard error.
"""

import json
import sys
import time

import pandas
import statsmodels.api as sm
import statsmodels.formula.api as smf

path, formula = sys.argv[1:]
begin = time.perf_counter()
frame = pandas.read_parquet(path)
result = smf.glm(formula, frame, family=sm.families.Poisson()).fit(tol=1e-12)
str(result.summary())
seconds = time.perf_counter() - begin
print(
    json.dumps(
        {
            "seconds": seconds,
            "estimates": {
                name: [result.params[name], result.bse[name]]
                for name in result.params.index
            },
        }
    )
)

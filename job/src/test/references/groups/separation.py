"""Which groups of rows have an estimate, by rank and by linear programmes (HiGHS, in scipy).

    -Dgroups.dump=FOLDER has SeparationTest leave its groups there, a file for each case;
    python separation.py FOLDER > job/src/test/resources/groups/separation.txt

A line for each case: c (collinear), s (separable: a direction along which no row's loss rises, and
one's falls for ever) or e (to be estimated) for each group.
"""

import pathlib
import sys
from collections import defaultdict

import numpy as np
from scipy.optimize import linprog


def verdict(x, sign):
    """x: rows; sign: the way in which a row's predictor may go for ever, 0 for none."""
    n, p = x.shape
    if np.linalg.matrix_rank(x) < p:
        return "c"
    free = sign != 0
    cone = sign[free, None] * x[free]
    held = x[~free]
    m = len(cone)
    # Maximise sum t, 0 <= t <= 1, t <= cone v, cone v >= 0, held v = 0.
    result = linprog(
        np.r_[np.zeros(p), -np.ones(m)],
        A_ub=np.r_[np.c_[-cone, np.eye(m)], np.c_[-cone, np.zeros((m, m))]],
        b_ub=np.zeros(2 * m),
        A_eq=np.c_[held, np.zeros((len(held), m))] if len(held) else None,
        b_eq=np.zeros(len(held)) if len(held) else None,
        bounds=[(None, None)] * p + [(0, 1)] * m,
    )
    return "s" if -result.fun > 1e-6 else "e"


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.csv")):
    groups = defaultdict(list)
    for line in path.read_text().splitlines():
        number, *rest = line.split(",")
        groups[int(number)].append([float(value) for value in rest])
    letters = []
    for number in sorted(groups):
        rows = np.array(groups[number])
        y, x = rows[:, 0], rows[:, 1:]
        down = np.where(y == 0, -1.0, 0.0 if path.stem.startswith("poisson") else 1.0)
        letters.append(verdict(x, down))
    print(path.stem, "".join(letters))

#!/usr/bin/env python3
"""How long a run takes to its first line, where that time goes, and how soon an error is told."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = HOME / "deploy" / "spark-curvature"
QUICKSTART = HOME / "conf" / "quickstart.conf"
RUNS = 9
FIRST_LINE = 4500
ERROR = 400

FORMULA = """
curvature {
  input { path = none.csv, options { header = true } }
  model { formula = "y ~ x + C(g", family = poisson }
  output { path = out }
}
"""

# What is wrong, by name: the command, and what becomes of the quickstart's configuration.
ERRORS = {
    "error-hocon": ("derive", lambda text: text[: text.index("model")]),
    "error-key": ("derive", lambda text: text.replace("tensors", "tensorz")),
    "error-name": ("derive", lambda text: text.replace("exp(eta)", "exp(etta)")),
    "error-bracket": ("derive", lambda text: text.replace("exp(eta)", "exp(eta")),
    "error-syntax": ("derive", lambda text: text.replace("exp(eta) -", "exp(eta) - *")),
    "error-formula": ("estimate", lambda text: FORMULA),
}


def run(command, configuration, output):
    """Milliseconds to the first line on standard output, and to the end; the exit code."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [PROGRAM, command, "--config", configuration, "--set", f"output.path={output}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    process.stdout.readline()
    first = 1000 * (time.monotonic() - begin)
    process.stdout.read()
    code = process.wait()
    return first, 1000 * (time.monotonic() - begin), code


def line(name, ms, target=None):
    met = "" if target is None else f"{'<= ' + str(target):>9}  {'yes' if ms <= target else 'no'}"
    print(f"{name:<28} {ms:10.0f} {met}".rstrip(), flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        output = folder / "out"
        runs, stages = [], []
        for number in range(RUNS + 1):
            first, end, code = run("derive", QUICKSTART, output)
            if code != 0:
                sys.exit(f"bench: the quickstart ended with {code}")
            if number > 0:  # the first one builds, and keeps the classes that it loaded
                runs.append((first, end))
                stages.append(json.loads((output / "summary.json").read_text())["timings_seconds"])
        print(f"{'case':<28} {'median ms':>10} {'target':>9}  met")
        line("first-line", statistics.median(first for first, _ in runs), FIRST_LINE)
        line("end", statistics.median(end for _, end in runs))
        for stage in stages[0]:
            if stage != "total":
                line("  " + stage, 1000 * statistics.median(s.get(stage, 0) for s in stages))
        for name, (command, made) in ERRORS.items():
            configuration = folder / "wrong.conf"
            configuration.write_text(made(QUICKSTART.read_text()))
            times = []
            for _ in range(RUNS):
                _, end, code = run(command, configuration, output)
                if code != 2:
                    sys.exit(f"bench: {name} ended with {code}")
                times.append(end)
            line(name, statistics.median(times), ERROR)


if __name__ == "__main__":
    os.chdir(HOME)
    main()

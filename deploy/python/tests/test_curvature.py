"""The package on the real PySpark: numbers, types, errors."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import spark_curvature
from spark_curvature import CurvatureError, curvature

FORMULA = "mdvis ~ lncoins + idp + C(hlthg)"


@pytest.fixture(scope="module")
def poisson(randhie):
    return curvature(randhie, formula=FORMULA, family="poisson")


@pytest.fixture(scope="module")
def clustered(poisson):
    return poisson.estimate(covariance="cluster", groups="floor(id / 5)")


def newton(x, y):
    """A Poisson regression by NumPy alone."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean())
    for _ in range(50):
        mu = np.exp(x @ beta)
        beta = beta + np.linalg.solve(x.T @ (x * mu[:, None]), x.T @ (y - mu))
    mu = np.exp(x @ beta)
    return beta, mu, np.linalg.inv(x.T @ (x * mu[:, None]))


@pytest.fixture(scope="module")
def design(randhie):
    rows = randhie.select("id", "mdvis", "lncoins", "idp", "hlthg").toPandas()
    x = np.column_stack(
        [np.ones(len(rows)), rows["hlthg"] == 1, rows["lncoins"], rows["idp"]]
    ).astype(float)
    return x, rows["mdvis"].to_numpy(float), np.floor(rows["id"].to_numpy() / 5)


def test_estimates_are_those_of_numpy(clustered, design):
    x, y, groups = design
    beta, mu, inverse = newton(x, y)
    scores = pd.DataFrame(x * (y - mu)[:, None]).groupby(groups).sum().to_numpy()
    g, (n, k) = len(scores), x.shape
    covariance = inverse @ scores.T @ scores @ inverse * (g / (g - 1) * (n - 1) / (n - k))
    assert clustered.names == ["Intercept", "C(hlthg)[T.1]", "lncoins", "idp"]
    error = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(clustered.estimates, beta, atol=1e-8 * error.min())
    np.testing.assert_allclose(clustered.standard_errors, error, rtol=1e-8)
    assert clustered.covariance.shape == (4, 4)
    assert clustered.covariance.dtype == np.float64
    np.testing.assert_allclose(clustered.covariance, covariance, rtol=1e-7, atol=1e-12)
    assert clustered.observations == n


def test_tables(clustered):
    frame = clustered.to_pandas()
    assert list(frame.index) == clustered.names
    assert all(kind == np.float64 for kind in frame.dtypes)
    assert clustered.to_spark().count() == 4
    assert repr(clustered).startswith("estimate: mdvis, poisson, link log")
    page = clustered._repr_html_()
    assert page.startswith("<table>") and "C(hlthg)[T.1]" in page
    assert clustered.covariance is clustered.covariance  # it crosses once


def test_derivatives_by_hand(randhie, design):
    x, y, _ = design
    beta = np.array([0.5, -0.1, 0.2])
    model = curvature(
        randhie,
        tensors={"x": ["lncoins", "idp"], "y": "mdvis"},
        parameters={"b0": 0.5, "beta": {"labels": "x", "value": np.array([-0.1, 0.2])}},
        define={"eta": "b0 + dot(x, beta)"},
        loss="exp(eta) - y * eta",
        derive={"reduction": "sum", "per-sample": {"gradient": True}},
    )
    found = model.derive(["b0", "beta"])
    own = x[:, [0, 2, 3]]
    mu = np.exp(own @ beta)
    np.testing.assert_allclose(found.gradient, own.T @ (mu - y), rtol=1e-10)
    np.testing.assert_allclose(found.hessian, own.T @ (own * mu[:, None]), rtol=1e-10)
    assert found.names == ["b0", "beta[lncoins]", "beta[idp]"]
    rows = found.per_sample()
    assert rows.columns == [*randhie.columns, "row", "gradient"]
    assert found.per_sample("mdvis", "gradient").columns == ["mdvis", "gradient"]
    total = np.sum([row.gradient for row in rows.select("gradient").collect()], axis=0)
    np.testing.assert_allclose(total, found.gradient, rtol=1e-9)


def test_fit_and_infer(randhie, poisson):
    model = curvature(
        randhie,
        tensors={"x": ["lncoins", "idp"], "y": "mdvis"},
        parameters={"b0": 0.5, "beta": {"labels": "x", "fill": 0}},
        define={"eta": "b0 + dot(x, beta)"},
        loss="exp(eta) - y * eta",
        likelihood=True,
    )
    fit = model.fit()
    assert fit.iterations > 0
    assert set(fit.parameters) == {"b0", "beta"}
    inferred = model.at(fit.parameters).infer(covariance="nonrobust")
    assert sorted(inferred.names) == sorted(fit.names)
    assert np.isfinite(inferred.log_likelihood)


def test_predictions_and_effects(randhie, clustered, design):
    x, _, _ = design
    predicted = clustered.predict(
        randhie.drop("mdvis"), interval="confidence", level=np.float64(0.9)
    )
    assert predicted.columns[: len(randhie.columns) - 1] == randhie.drop("mdvis").columns
    rows = predicted.toPandas()
    mean = np.exp(x @ clustered.estimates)
    form = np.einsum("ij,jk,ik->i", x, clustered.covariance, x)
    np.testing.assert_allclose(np.sort(rows["mean"]), np.sort(mean), rtol=1e-10)
    np.testing.assert_allclose(
        np.sort(rows["mean_std_error"]), np.sort(mean * np.sqrt(form)), rtol=1e-8
    )
    assert (rows["mean_ci_low"] < rows["mean"]).all()
    few = clustered.predict(randhie.limit(3).toPandas())
    assert isinstance(few, pd.DataFrame) and len(few) == 3
    effects = clustered.effects(randhie, slopes="lncoins", contrasts={"hlthg": [0, 1]})
    frame = effects.to_pandas()
    assert list(frame["effect"]) == ["mean", "slope", "contrast"]
    slope = mean.mean() * clustered.estimates[2]
    np.testing.assert_allclose(frame["estimate"][1], slope, rtol=1e-9)
    gradient = clustered.estimates[2] * (mean[:, None] * x).mean(axis=0)
    gradient[2] += mean.mean()
    error = np.sqrt(gradient @ clustered.covariance @ gradient)
    np.testing.assert_allclose(effects.standard_errors[1], error, rtol=1e-8)
    assert "lncoins" in repr(effects) and "<table>" in effects._repr_html_()


def test_each_group_has_a_model_of_its_own(randhie):
    model = curvature(randhie, formula="mdvis ~ lncoins + idp", family="poisson")
    groups = model.by("hlthg + 2 * hlthf AS health").estimate(covariance="HC1")
    assert groups.names == ["Intercept", "lncoins", "idp"]
    assert groups.counts == {"converged": 3}
    table = groups.to_pandas().sort_values("health")
    for health, own in zip(table["health"], table["estimate"]):
        alone = curvature(
            randhie,
            formula="mdvis ~ lncoins + idp",
            family="poisson",
            where=f"hlthg + 2 * hlthf = {health}",
        ).estimate(covariance="HC1")
        np.testing.assert_allclose(
            np.array(own, dtype=float), alone.estimates, atol=1e-9 * alone.standard_errors.min()
        )
    rows = groups.predict(randhie)
    assert rows.columns[-2:] == ["mean", "group_status"]
    assert rows.filter("mean is null").count() == 0
    assert "fitted when" in repr(groups)
    held = groups.computed()
    assert held.counts == groups.counts and held.names == groups.names
    few = model.by("id").estimate()
    with pytest.raises(CurvatureError, match="too-few-rows") as error:
        few.computed()
    assert error.value.code == 4


def test_influence_spectrum_and_check(poisson, clustered, design):
    x, y, _ = design
    _, mu, inverse = newton(x, y)
    there = poisson.at(clustered.parameters)
    influences = there.influence().to_spark().select("influence").toPandas()
    own = -(x * (mu - y)[:, None]) @ inverse
    total = np.sort(np.abs(np.vstack(influences["influence"].to_list())).sum(axis=1))
    np.testing.assert_allclose(total, np.sort(np.abs(own).sum(axis=1)), rtol=1e-6, atol=1e-12)
    spectrum = there.set("derive.reduction", "sum").spectrum()
    values = np.linalg.eigvalsh(x.T @ (x * mu[:, None]))
    np.testing.assert_allclose(spectrum.eigenvalues, values, rtol=1e-8)
    assert spectrum.verdict == "minimum"
    assert spectrum.eigenvectors.shape == (4, 4)
    assert "dot(x, beta)" in there.check()


def test_results_are_written(spark, clustered, tmp_path):
    path = tmp_path / "out"
    clustered.write(str(path))
    assert (path / "_SUCCESS").exists()
    written = json.loads((path / "estimates.json").read_text())
    assert written["estimates"][0]["std_error"] == clustered.standard_errors[0]
    with pytest.raises(CurvatureError) as error:
        clustered.write(str(path))
    assert error.value.code == 2
    clustered.write(str(path), mode="overwrite")


def test_plots(clustered, poisson):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    axes = clustered.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == clustered.names
    assert poisson.at(clustered.parameters).spectrum().plot().get_yscale() == "log"


def test_the_notebook_runs():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    home = Path(os.environ["SPARK_CURVATURE_HOME"])
    notebook = nbformat.read(home / "deploy/python/examples/first-look.ipynb", as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(home)}}
    ).execute()
    outputs = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    data = [output.data for output in outputs if output.output_type in ("execute_result", "display_data")]
    assert any("C(hlthg)[T.1]" in page.get("text/html", "") for page in data)
    assert any("image/png" in page for page in data)


def test_scalars_of_numpy_are_numbers(poisson, clustered):
    wide = poisson.set("infer.level", np.float32(0.5)).set("fit.max-iterations", np.int64(50))
    found = wide.estimate(covariance="cluster", groups=np.array(["floor(id / 5)"]))
    assert found.intervals[0, 0] > clustered.intervals[0, 0]
    with pytest.raises(TypeError, match="infer.level"):
        poisson.set("infer.level", object())
    with pytest.raises(TypeError, match="no argument famliy"):
        curvature(poisson._frame, formula=FORMULA, famliy="poisson")


def test_pandas_frames(spark, randhie, clustered):
    rows = randhie.toPandas()
    rows["idp"] = rows["idp"].astype("Int64")
    rows["hlthg"] = rows["hlthg"].astype("category")
    rows["idp2"] = rows["idp"].astype("boolean")
    rows["word"] = rows["idp"].astype("string")
    rows["day"] = pd.Timestamp("2026-01-01")
    found = curvature(rows, formula=FORMULA, family="poisson").estimate(
        covariance="cluster", groups="floor(id / 5)"
    )
    np.testing.assert_allclose(found.estimates, clustered.estimates, rtol=1e-9)
    np.testing.assert_allclose(found.standard_errors, clustered.standard_errors, rtol=1e-9)
    backwards = rows.assign(hlthg=rows["hlthg"].cat.reorder_categories([1, 0]))
    turned = curvature(backwards, formula=FORMULA, family="poisson").fit()
    assert turned.names[1] == "C(hlthg)[T.0]"  # the first category is the reference
    rows.loc[3, "idp"] = pd.NA
    with pytest.raises(CurvatureError) as error:
        curvature(rows, formula=FORMULA, family="poisson").fit()
    assert error.value.code == 3


def test_errors_have_a_code_and_no_stack(poisson, randhie):
    with pytest.raises(CurvatureError) as error:
        curvature(randhie, formula="mdvis ~ lncoin", family="poisson").estimate()
    assert error.value.code == 3
    assert "lncoins" in str(error.value)
    assert "Py4J" not in str(error.value)
    assert not re.search(r"^\s*at ", str(error.value), re.MULTILINE)
    with pytest.raises(CurvatureError) as error:
        poisson.set("infer.covarianse", "HC0").estimate()
    assert error.value.code == 2
    assert "covariance" in error.value.remedy
    with pytest.raises(CurvatureError, match="rows come from the data frame"):
        poisson.set("input.path", "a.csv").estimate()


def test_connect_is_refused_by_its_class():
    connect = type("DataFrame", (), {"__module__": "pyspark.sql.connect.dataframe"})
    with pytest.raises(CurvatureError) as error:
        curvature(connect(), formula="y ~ x", family="poisson")
    assert error.value.code == 2
    assert "Spark Connect" in error.value.what


def test_other_versions_are_refused(monkeypatch):
    from spark_curvature import _gateway

    old = type("SparkSession", (), {"__module__": "pyspark.sql.session", "version": "4.0.1"})
    with pytest.raises(CurvatureError, match="this is Spark 4.0.1, and Spark 4.1 is supported") as error:
        _gateway.entry(old())
    assert error.value.code == 2
    connect = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session"})
    with pytest.raises(CurvatureError, match="Spark Connect"):
        _gateway.entry(connect())
    _gateway._refuse_other_version("development")
    _gateway._refuse_other_version(spark_curvature.__version__.replace(".dev0", "-SNAPSHOT"))
    with pytest.raises(CurvatureError, match="the jar has the version 0.0.9") as error:
        _gateway._refuse_other_version("0.0.9")
    assert spark_curvature.__version__ in error.value.what and error.value.code == 2


def test_a_checkout_says_how_to_build(monkeypatch, tmp_path):
    from spark_curvature import _gateway

    monkeypatch.setattr(_gateway, "__file__", str(tmp_path / "a/b/c/d.py"))
    with pytest.raises(CurvatureError, match="carries no jar") as error:
        spark_curvature.jar()
    assert "deploy/python/build" in error.value.remedy


def test_a_script_ends_and_sessions_may_follow_each_other():
    code = """
import os, time
from pyspark.sql import SparkSession
import spark_curvature
classes = os.environ.get("SPARK_CURVATURE_CLASSPATH")
def start():
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    if classes:
        builder = builder.config("spark.driver.extraClassPath", classes)
    else:
        builder = spark_curvature.configure(builder)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    frame = session.range(50).selectExpr("id % 4 AS y", "sin(id) AS x")
    return session, spark_curvature.curvature(frame, formula="y ~ x", family="poisson")
first, model = start()
before = model.estimate()
table = repr(before)
estimates = before.estimates
first.stop()
second, again = start()
after = again.estimate()
print("SAME", (after.estimates == estimates).all(), (before.estimates == estimates).all())
try:
    model.estimate()
except Exception as error:
    print("STOPPED", type(error).__name__)
print("END", time.time(), flush=True)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ended = time.time()
    assert "SAME True True" in found.stdout, found.stdout
    assert "STOPPED" in found.stdout
    assert ended - float(re.search(r"END (\S+)", found.stdout).group(1)) < 30
    assert "Traceback" not in found.stderr and "Exception" not in found.stderr, found.stderr


def test_configure_keeps_what_the_user_set(tmp_path, monkeypatch):
    from spark_curvature import _gateway

    monkeypatch.setattr(_gateway, "jar", lambda: "/own.jar")

    class Builder:
        def __init__(self):
            self._options = {"spark.jars": "/a.jar", "spark.jars.packages": "g:a:1"}

        def config(self, key, value):
            self._options[key] = value
            return self

    builder = spark_curvature.configure(spark_curvature.configure(Builder()))
    assert builder._options == {"spark.jars": "/a.jar,/own.jar", "spark.jars.packages": "g:a:1"}


def test_importing_starts_nothing():
    code = (
        "import sys, spark_curvature, json;"
        "print(json.dumps([m for m in ('pyspark', 'py4j', 'pandas') if m in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []


def test_a_session_without_the_jar_says_what_to_do():
    code = """
from pyspark.sql import SparkSession
import spark_curvature
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
frame = spark.createDataFrame([(1.0, 2.0)], ["y", "x"])
try:
    spark_curvature.curvature(frame, formula="y ~ x", family="poisson").fit()
except spark_curvature.CurvatureError as error:
    print("CODE", error.code, error)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "CODE 2" in found.stdout
    assert "without the jar" in found.stdout and "configure(" in found.stdout
    assert "JavaPackage" not in found.stdout + found.stderr

"""The package on the real PySpark: numbers, types, errors."""

import decimal
import json
import os
import re
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


@pytest.mark.oldest
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
    assert repr(clustered).startswith("estimate  mdvis, poisson, link log")
    page = clustered._repr_html_()
    assert page.startswith("<table>") and "C(hlthg)[T.1]" in page
    assert clustered.covariance is clustered.covariance  # it crosses once


@pytest.mark.oldest
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


@pytest.mark.oldest
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


@pytest.mark.oldest
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


@pytest.mark.oldest
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


@pytest.mark.oldest
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


@pytest.mark.oldest
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
    series = poisson.estimate(covariance="cluster", groups=pd.Series(["floor(id / 5)"]))
    np.testing.assert_array_equal(series.standard_errors, clustered.standard_errors)
    whole = curvature(
        poisson._frame, formula=FORMULA, family="poisson", fit={"tolerance": 1, "l2": np.int64(0)}
    )
    assert whole.fit().iterations <= poisson.fit().iterations
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


def test_pandas_frames_of_all_kinds(spark):
    rows = pd.DataFrame(
        {
            "y": pd.array([0, 2, 1, 3, None, 1, 0, 2], dtype="Int64"),
            "flag": pd.array([True, None, True, False, True, False, True, False], dtype="boolean"),
            "word": pd.array(["a", "b", None, "a", "b", "a", "b", "a"], dtype="string"),
            "day": pd.to_datetime(["2026-01-01", None] * 4),
            "money": [decimal.Decimal("1.5"), None] * 4,
            "nothing": [None] * 8,
            "nan": np.full(8, np.nan),
            "list": [np.array([1.0, 2.0])] * 8,
            "x": [0.1, 0.5, np.nan, 0.3, 0.2, 0.7, 0.6, 0.4],
            "a b": [1, 2, 3, 4, 5, 6, 7, 8],
            7: [0.5] * 8,
        }
    )
    handed = curvature(rows, formula="y ~ x", family="poisson")._frame
    assert handed.columns == [str(name) for name in rows.columns]
    nulls = [sum(row[k] is None for row in handed.collect()) for k in range(len(handed.columns))]
    assert nulls == [1, 1, 1, 4, 4, 8, 8, 0, 1, 0, 0]
    model = curvature(
        rows, formula="y ~ x + `a b`", family="poisson", input={"invalid-rows": "drop"}
    )
    found = model.estimate()
    assert found.names == ["Intercept", "x", "a b"] and found.observations == 6
    assert all(kind == np.float64 for kind in found.to_pandas().dtypes)
    money = curvature(rows.iloc[::2], formula="y ~ 1 + offset(money)", family="poisson")
    assert money.set("input.invalid-rows", "drop").fit().names == ["Intercept"]
    with pytest.raises(TypeError, match="column odd of the data frame has the type complex128.*complex"):
        curvature(rows.assign(odd=[1j] * 8), formula="y ~ x", family="poisson")
    with pytest.raises(CurvatureError) as error:
        curvature(rows.iloc[:0], formula="y ~ x", family="poisson").fit()
    assert error.value.code == 3


def test_times_of_pandas_stay_times(spark):
    rows = pd.DataFrame(
        {
            "y": [0, 2, 1, 3],
            "x": [0.1, 0.5, 0.2, 0.3],
            "day": pd.to_datetime(["2026-01-01 10:30", "2026-01-02 00:00", None, "2026-01-04 23:59"]),
            "wait": pd.to_timedelta([1, 2, 3, None], unit="D"),
            "month": pd.PeriodIndex(["2026-01", "2026-02", "2026-03", "2026-04"], freq="M"),
        }
    )
    predicted = curvature(rows, formula="y ~ x", family="poisson").estimate().predict(rows)
    predicted = predicted.sort_values("row")
    assert pd.to_datetime(predicted["day"]).tolist()[:2] == rows["day"].tolist()[:2]
    assert predicted["day"].isna().tolist() == [False, False, True, False]
    assert pd.to_timedelta(predicted["wait"]).tolist()[:3] == rows["wait"].tolist()[:3]
    assert predicted["month"].tolist() == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_numbers_of_results_are_floats_and_integers(spark, poisson):
    rows = spark.range(60).selectExpr(
        "CAST(id % 4 AS DECIMAL(9, 2)) AS y", "CAST(sin(id) AS DECIMAL(20, 10)) AS x", "id % 2 AS g"
    )
    model = curvature(rows, formula="y ~ x", family="poisson")
    for table in (
        model.estimate().to_pandas(),
        model.estimate().effects(rows, slopes="x").to_pandas(),
        model.at(model.fit().parameters).influence().to_pandas().drop(columns=["y", "x"]),
        model.by("g").estimate().to_pandas(),
    ):
        for name, kind in table.dtypes.items():
            values = [v for v in table[name] if v is not None and not isinstance(v, str)]
            if kind == object and values:
                assert not isinstance(values[0], decimal.Decimal), name
            else:
                assert kind.kind in "fiOUT", name


@pytest.mark.oldest
def test_errors_have_a_code_and_no_stack(poisson, randhie):
    with pytest.raises(CurvatureError) as error:
        curvature(randhie, formula="mdvis ~ lncoin", family="poisson").estimate()
    assert error.value.code == 3
    assert "lncoins" in str(error.value)
    assert "Py4J" not in str(error.value)
    assert not re.search(r"^\s*at ", str(error.value), re.MULTILINE)
    assert "\tat org.sparkcurvature" in error.value.java_stack
    with pytest.raises(CurvatureError) as error:
        poisson.set("infer.covarianse", "HC0").estimate()
    assert error.value.code == 2
    assert "covariance" in error.value.remedy
    with pytest.raises(CurvatureError, match="rows come from the data frame"):
        poisson.set("input.path", "a.csv").estimate()

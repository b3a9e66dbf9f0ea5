"""Stages of pipelines, beside MLlib's own."""

import os
import subprocess
import sys

import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.regression import GeneralizedLinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions

from spark_curvature import CurvatureError
from spark_curvature.ml import LossEstimator, LossModel


@pytest.fixture(scope="module")
def table(randhie):
    site = functions.expr("element_at(array('a', 'b', 'c'), 1 + id % 3)")
    label = functions.expr("double(mdvis)")
    return randhie.withColumn("site", site).withColumn("label", label).cache()


@pytest.fixture(scope="module")
def pipeline(table):
    stages = [
        StringIndexer(inputCol="site", outputCol="index", stringOrderType="alphabetAsc"),
        OneHotEncoder(inputCol="index", outputCol="onehot"),
        VectorAssembler(inputCols=["lncoins", "idp", "onehot"], outputCol="features"),
        LossEstimator(predictorCols=["features"], family="poisson"),
    ]
    return Pipeline(stages=stages).fit(table)


def predictions(frame):
    return [row.prediction for row in frame.select("prediction").collect()]


def test_a_pipeline_is_that_of_mllib(table, pipeline):
    model = pipeline.stages[3]
    assembled = PipelineModel(pipeline.stages[:3]).transform(table)
    theirs = GeneralizedLinearRegression(family="poisson", tol=1e-12).fit(assembled)
    assert model.names[3:] == ["onehot_a", "onehot_b"]
    np.testing.assert_allclose(model.coefficients[1:], theirs.coefficients.toArray(), rtol=1e-6)
    errors = theirs.summary.coefficientStandardErrors
    np.testing.assert_allclose(model.coefficientStandardErrors[1:], errors[:-1], rtol=1e-6)
    assert "poisson" in model.summary and np.isfinite(model.aic)


def test_a_saved_pipeline_loads_in_a_process_that_has_not_imported_the_package(
    spark, table, pipeline, tmp_path
):
    path = str(tmp_path / "pipeline")
    pipeline.write().overwrite().save(path)
    again = PipelineModel.load(path)
    assert isinstance(again.stages[3], LossModel)
    assert predictions(again.transform(table)) == predictions(pipeline.transform(table))
    assert again.stages[3].pValues.tolist() == pipeline.stages[3].pValues.tolist()
    code = f"""
import os
from pyspark.sql import SparkSession
from pyspark.ml import PipelineModel
builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
classes = os.environ.get("SPARK_CURVATURE_CLASSPATH")
if classes:
    builder = builder.config("spark.driver.extraClassPath", classes)
else:
    import spark_curvature
    builder = builder.config("spark.jars", spark_curvature.jar())
spark = builder.getOrCreate()
print("LOADED", PipelineModel.load({path!r}).stages[3].names)
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert "LOADED ['Intercept'" in found.stdout


def test_params(tmp_path):
    estimator = LossEstimator(
        formula="y ~ x", family="poisson", tol=np.float32(0.5), maxIter=np.int64(7), groups=("g",)
    )
    assert estimator.getMaxIter() == 7 and estimator.getGroups() == ["g"]
    assert estimator.setCovariance("HC1").getCovariance() == "HC1"
    for param in estimator.params:
        java = estimator._java_obj.getParam(param.name)
        assert param.doc == java.doc(), param.name
        assert estimator.hasDefault(param)
        default = estimator._java_obj.getDefault(java).get()
        own = estimator._defaultParamMap[param]
        assert (list(default) if isinstance(own, list) else default) == own, param.name
    path = str(tmp_path / "estimator")
    estimator.save(path)
    assert LossEstimator.load(path).explainParams() == estimator.explainParams()
    with pytest.raises(TypeError, match="did you mean formula"):
        LossEstimator(formulla="y ~ x")


def test_cross_validation(table):
    estimator = LossEstimator(formula="mdvis ~ lncoins + idp", family="poisson")
    found = CrossValidator(
        estimator=estimator,
        evaluator=RegressionEvaluator(labelCol="label"),
        estimatorParamMaps=ParamGridBuilder().addGrid(estimator.regParam, [0.0, 5000.0]).build(),
        numFolds=2,
        seed=3,
    ).fit(table)
    assert len(set(found.avgMetrics)) == 2


def test_a_model_for_each_group(table, tmp_path):
    rows = table.filter("site <> 'a'")
    model = LossEstimator(formula="mdvis ~ lncoins + idp", family="poisson", by=["site"]).fit(rows)
    path = str(tmp_path / "groups")
    model.save(path)
    for each in (model, LossModel.load(path)):
        found = each.groupEstimates.toPandas()
        assert sorted(found.site) == ["b", "c"] and set(found.status) == {"converged"}
        alone = LossEstimator(formula="mdvis ~ lncoins + idp", family="poisson").fit(
            rows.filter("site = 'b'")
        )
        own = found[found.site == "b"].iloc[0]
        assert np.allclose(own.estimate, alone.coefficients, rtol=1e-10)
        assert np.allclose(own.std_error, alone.coefficientStandardErrors, rtol=1e-8)
        with pytest.raises(CurvatureError, match="each group"):
            each.coefficients
        statuses = each.transform(table).groupBy("group_status").count().toPandas()
        assert set(statuses.group_status) == {"converged", "unseen"}


def test_errors(table):
    with pytest.raises(CurvatureError) as error:
        LossEstimator(formula="mdvis ~ lncoin", family="poisson").fit(table)
    assert error.value.code == 3 and "lncoins" in str(error.value)
    with pytest.raises(CurvatureError, match="already"):
        LossEstimator(formula="mdvis ~ lncoins", family="poisson", predictionCol="site").fit(table)

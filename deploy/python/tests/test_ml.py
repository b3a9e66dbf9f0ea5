"""Stages of pipelines, beside MLlib's own."""

import gc
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
from spark_curvature.ml import DerivativeTransformer, LossEstimator, LossModel


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


OWN_STAGE = """
from pyspark.ml import Transformer
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable


class Same(Transformer, DefaultParamsReadable, DefaultParamsWritable):
    def _transform(self, dataset):
        return dataset
"""


def predictions(frame):
    return [row.prediction for row in frame.select("prediction").collect()]


@pytest.mark.oldest
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
    # A stage of Python alone makes PySpark read every stage by the name of its class.
    (tmp_path / "own_stage.py").write_text(OWN_STAGE)
    sys.path.insert(0, str(tmp_path))
    try:
        from own_stage import Same
    finally:
        sys.path.remove(str(tmp_path))
    estimator = LossEstimator(formula="mdvis ~ lncoins", family="poisson")
    mixed = Pipeline(stages=[Same(), estimator])
    mixed.write().overwrite().save(str(tmp_path / "mixed"))
    mixed.fit(table).write().overwrite().save(str(tmp_path / "mixed_model"))
    validator = CrossValidator(
        estimator=estimator,
        evaluator=RegressionEvaluator(labelCol="label"),
        estimatorParamMaps=ParamGridBuilder().addGrid(estimator.regParam, [0.0, 5000.0]).build(),
        numFolds=2,
    )
    validator.write().overwrite().save(str(tmp_path / "validator"))
    validator.fit(table).write().overwrite().save(str(tmp_path / "validated"))
    assert predictions(again.transform(table)) == predictions(pipeline.transform(table))
    assert again.stages[3].pValues.tolist() == pipeline.stages[3].pValues.tolist()
    code = f"""
import os
from pyspark.sql import SparkSession
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.tuning import CrossValidator, CrossValidatorModel
import sys
sys.path.insert(0, {str(tmp_path)!r})
builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
classes = os.environ.get("SPARK_CURVATURE_CLASSPATH")
if classes:
    builder = builder.config("spark.driver.extraClassPath", classes)
else:
    import spark_curvature
    builder = builder.config("spark.jars", spark_curvature.jar())
spark = builder.getOrCreate()
print("LOADED", PipelineModel.load({path!r}).stages[3].names)
print(Pipeline.load({str(tmp_path)!r} + "/mixed").getStages()[1].__class__.__name__)
print(PipelineModel.load({str(tmp_path)!r} + "/mixed_model").stages[1].__class__.__name__)
print(CrossValidator.load({str(tmp_path)!r} + "/validator").getEstimator().getFormula())
print("BEST", CrossValidatorModel.load({str(tmp_path)!r} + "/validated").bestModel.names)
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert "LOADED ['Intercept'" in found.stdout
    assert "LossEstimator\nLossModel\nmdvis ~ lncoins\nBEST ['Intercept', 'lncoins']" in found.stdout


def test_params(tmp_path):
    estimator = LossEstimator(
        formula="y ~ x", family="poisson", tol=np.float32(0.5), maxIter=np.int64(7), groups=("g",)
    )
    assert estimator.getMaxIter() == 7 and estimator.getGroups() == ["g"]
    assert estimator.setCovariance("HC1").getCovariance() == "HC1"
    for stage in (estimator, DerivativeTransformer()):
        assert len(stage.params) == len(stage._java_obj.params())
        for param in stage.params:
            java = stage._java_obj.getParam(param.name)
            assert param.doc == java.doc(), param.name
            assert stage.hasDefault(param)
            default = stage._java_obj.getDefault(java).get()
            own = stage._defaultParamMap[param]
            assert (list(default) if isinstance(own, list) else default) == own, param.name
            assert hasattr(stage, "set" + param.name[0].upper() + param.name[1:])
    path = str(tmp_path / "estimator")
    estimator.save(path)
    assert LossEstimator.load(path).explainParams() == estimator.explainParams()
    with pytest.raises(TypeError, match="did you mean formula"):
        LossEstimator(formulla="y ~ x")


def changed(stage):
    """The same stage with another value for each param."""
    for param in stage.params:
        default = stage.getOrDefault(param)
        if isinstance(default, list):
            value = ["other"]
        elif isinstance(default, str):
            value = {"handleInvalid": "keep", "unseenGroups": "pooled"}.get(param.name, "other")
        else:
            value = default + 1
        getattr(stage, "set" + param.name[0].upper() + param.name[1:])(value)
    return stage


@pytest.mark.oldest
def test_every_param_survives_writing_reading_and_copying(table, tmp_path):
    model = LossEstimator(formula="mdvis ~ lncoins", family="poisson").fit(table)
    for stage in (changed(LossEstimator()), changed(DerivativeTransformer()), changed(model)):
        name = type(stage).__name__
        stage.save(str(tmp_path / name))
        for other in (type(stage).load(str(tmp_path / name)), stage.copy()):
            assert other.uid == stage.uid, name
            for param in stage.params:
                value = stage.getOrDefault(param)
                assert other.getOrDefault(other.getParam(param.name)) == value, (name, param.name)
                assert getattr(other, "get" + param.name[0].upper() + param.name[1:])() == value
                java = other._java_obj.getOrDefault(other._java_obj.getParam(param.name))
                assert (list(java) if isinstance(value, list) else java) == value, param.name
    for param in model.params:
        assert param.doc == model._java_obj.getParam(param.name).doc(), param.name


def test_params_of_one_call(table):
    estimator = LossEstimator(formula="mdvis ~ lncoins + idp", family="poisson")
    plain, shrunk = estimator.fit(table), estimator.fit(table, {estimator.regParam: 5000.0})
    assert abs(shrunk.coefficients[1]) < abs(plain.coefficients[1])
    several = estimator.fit(table, [{estimator.regParam: 0.0}, {estimator.regParam: 5000.0}])
    assert [m.coefficients.tolist() for m in several] == [
        m.coefficients.tolist() for m in (plain, shrunk)
    ]
    assert plain.transform(table, {plain.predictionCol: "rate"}).columns[-1] == "rate"
    assert plain.transform(table).columns[-1] == "prediction"


def test_what_java_wrote_is_read(spark):
    """Stages of the first release, which Java wrote."""
    written = os.environ["SPARK_CURVATURE_HOME"] + "/job/src/test/resources/ml/format-1/"
    model = LossModel.load(written + "model")
    assert model.names == ["Intercept", "x", "z"] and model.getPredictionCol() == "rate"
    assert LossEstimator.load(written + "estimator").getPredictorCols() == ["x", "z"]
    assert DerivativeTransformer.load(written + "transformer").getGradientCol() == "score"
    rows = spark.range(5).selectExpr("sin(id) AS x", "cos(id) AS z")
    found = model.transform(rows).toPandas()
    beta = model.coefficients
    np.testing.assert_allclose(found["rate"], np.exp(beta[0] + found[["x", "z"]] @ beta[1:]))


def test_refusals_are_those_of_constructor_and_setter(table):
    for stage in (
        LossEstimator(formula="mdvis ~ lncoins", predictorCols=["idp"], family="poisson"),
        LossEstimator(formula="mdvis ~ lncoins", family="poisson").setPredictorCols(["idp"]),
    ):
        with pytest.raises(CurvatureError, match="a formula and predictorCols") as error:
            stage.fit(table)
        assert error.value.code == 2
    with pytest.raises(TypeError, match="Invalid param value given for param .maxIter"):
        LossEstimator(maxIter="many")


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


SQUARES = """
curvature {
  input { tensors { x = features, y = label } }
  model { parameters { b0 = 0.0, beta { labels = x, fill = 0.0 } }, loss = "square(y - b0 - dot(x, beta))" }
}
"""


@pytest.mark.oldest
def test_derivatives_of_each_row(table, tmp_path):
    assembler = VectorAssembler(inputCols=["lncoins", "idp"], outputCol="features")
    beta = np.array([0.5, -0.25])
    stage = DerivativeTransformer(
        configuration=SQUARES,
        parameters={"b0": np.float32(1), "beta": beta},
        wrt=("b0", "beta"),
        valueCol="loss",
        hessianCol="hessian",
        outputType="vector",
    )
    pipeline = Pipeline(stages=[assembler, stage]).fit(table)
    path = str(tmp_path / "derivatives")
    pipeline.write().overwrite().save(path)
    again = PipelineModel.load(path)
    assert isinstance(again.stages[1], DerivativeTransformer)
    assert again.stages[1].explainParams() == stage.explainParams()
    rows = again.transform(table).limit(50).toPandas()
    x = np.column_stack([np.ones(len(rows)), rows["lncoins"], rows["idp"]])
    r = rows["label"].to_numpy() - x @ np.array([1, *beta])
    np.testing.assert_allclose(rows["loss"], r**2, rtol=1e-12)
    gradient = np.array([row.toArray() for row in rows["gradient"]])
    np.testing.assert_allclose(gradient, -2 * r[:, None] * x, rtol=1e-12)
    hessian = np.array([row.toArray() for row in rows["hessian"]])
    upper = np.triu_indices(3)
    np.testing.assert_allclose(hessian, 2 * x[:, upper[0]] * x[:, upper[1]], rtol=1e-12)
    with pytest.raises(CurvatureError, match="already"):
        stage.setGradientCol("site").transform(table)
    with pytest.raises(TypeError, match="did you mean hessianCol"):
        DerivativeTransformer(hesianCol="h")


@pytest.mark.oldest
def test_invalid_rows_may_stay_and_streams_flow(spark, table, tmp_path):
    model = LossEstimator(formula="mdvis ~ lncoins + C(site)", family="poisson").fit(table)
    path = str(tmp_path / "rows")
    odd = functions.expr("if(id = 3, 'z', site)")
    table.withColumn("site", odd).limit(100).write.parquet(path)
    rows = spark.read.parquet(path)
    copied = model.copy()
    del copied
    gc.collect()
    keep = model.copy().setHandleInvalid("keep")
    expected = {row.id: row.prediction for row in keep.transform(rows).collect()}
    missing = [key for key, value in expected.items() if value is None]
    assert missing == [3]
    stream = keep.transform(spark.readStream.schema(rows.schema).parquet(path))
    query = stream.writeStream.format("memory").queryName("kept").start()
    query.processAllAvailable()
    query.stop()
    assert {row.id: row.prediction for row in spark.table("kept").collect()} == expected


def test_errors(table):
    with pytest.raises(CurvatureError) as error:
        LossEstimator(formula="mdvis ~ lncoin", family="poisson").fit(table)
    assert error.value.code == 3 and "lncoins" in str(error.value)
    with pytest.raises(CurvatureError, match="already"):
        LossEstimator(formula="mdvis ~ lncoins", family="poisson", predictionCol="site").fit(table)

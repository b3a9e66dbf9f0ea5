"""A session on the classes under test: SPARK_CURVATURE_CLASSPATH, or the jar of the package."""

import os
import tempfile

import pytest


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    import spark_curvature

    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp())
    )
    classes = os.environ.get("SPARK_CURVATURE_CLASSPATH")
    if classes:
        builder = builder.config("spark.driver.extraClassPath", classes)
    else:
        builder = spark_curvature.configure(builder)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def randhie(spark):
    home = os.environ["SPARK_CURVATURE_HOME"]
    return spark.read.csv(f"{home}/conf/data/randhie.csv", header=True, inferSchema=True)

"""Scripts in processes of their own, as users start them."""

import os
import subprocess
import sys

START = """
import os, sys, time
from pyspark.sql import SparkSession
import spark_curvature
from spark_curvature import CurvatureError, curvature

def start(builder=None, jar=True):
    builder = builder or SparkSession.builder.master("local[1]")
    builder = builder.config("spark.ui.enabled", "false")
    classes = os.environ.get("SPARK_CURVATURE_CLASSPATH")
    if jar and classes:
        builder = builder.config("spark.driver.extraClassPath", classes)
    elif jar:
        builder = spark_curvature.configure(builder)
    return builder.getOrCreate()

def rows(session):
    return session.range(50).selectExpr("id % 4 AS y", "sin(id) AS x")

def poisson(session):
    return curvature(rows(session), formula="y ~ x", family="poisson")
"""


def process(code, *command, **environment):
    """A process that runs `START` and code, its output as text."""
    return subprocess.Popen(
        [*(command or (sys.executable,)), "-c", START + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def finished(running, timeout=300):
    """What a process printed, once it ended well."""
    output, errors = running.communicate(timeout=timeout)
    assert running.returncode == 0, output + errors
    return output, errors


def printed(code, **environment):
    """What a script prints."""
    return finished(process(code, **environment))[0]

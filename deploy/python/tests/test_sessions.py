"""Sessions: which are taken, which are refused, and that they are left as they were."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pyspark.errors import AnalysisException
from scripts import finished, printed, process

import spark_curvature
from spark_curvature import CurvatureError, curvature

HOME = Path(os.environ["SPARK_CURVATURE_HOME"])


def test_connect_is_refused_by_its_class(spark):
    connect = type("DataFrame", (), {"__module__": "pyspark.sql.connect.dataframe"})
    with pytest.raises(CurvatureError) as error:
        curvature(connect(), formula="y ~ x", family="poisson")
    assert error.value.code == 2
    assert "Spark Connect" in error.value.what
    from spark_curvature.ml import LossEstimator

    with pytest.raises(CurvatureError, match="Spark Connect"):
        LossEstimator(formula="y ~ x", family="poisson").fit(connect())
    assert "grpc" not in sys.modules


def test_other_versions_are_refused(spark):
    from spark_curvature import _gateway

    old = type("SparkSession", (), {"__module__": "pyspark.sql.session", "version": "3.5.9"})
    with pytest.raises(CurvatureError, match="this is Spark 3.5.9, and Spark 4.0, 4.1, 4.2 are supported") as error:
        _gateway.entry(old())
    assert error.value.code == 2
    connect = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session"})
    with pytest.raises(CurvatureError, match="Spark Connect"):
        _gateway.entry(connect())

    def jar(version):
        return type("Curvature", (), {"version": staticmethod(lambda: version)})

    _gateway._refuse_other_version(jar("development"))
    _gateway._refuse_other_version(jar(spark_curvature.__version__.replace(".dev0", "-SNAPSHOT")))
    with pytest.raises(CurvatureError, match="the jar has the version 0.0.9") as error:
        _gateway._refuse_other_version(jar("0.0.9"))
    assert spark_curvature.__version__ in error.value.what and error.value.code == 2
    # The first jars had no such method.
    with pytest.raises(CurvatureError, match="the jar has the version of an earlier release"):
        _gateway._refuse_other_version(spark._jvm.java.lang.Math)


def test_a_checkout_says_how_to_build(monkeypatch, tmp_path):
    from spark_curvature import _gateway

    monkeypatch.setattr(_gateway, "__file__", str(tmp_path / "a/b/c/d.py"))
    with pytest.raises(CurvatureError, match="carries no jar") as error:
        spark_curvature.jar()
    assert "deploy/python/build" in error.value.remedy


def test_the_unbuilt_checkout_is_imported_and_says_how_to_build(tmp_path):
    shutil.copytree(HOME / "deploy/python/spark_curvature", tmp_path / "a/b/spark_curvature")
    code = """
import spark_curvature
print(spark_curvature.__file__)
try:
    spark_curvature.configure(None)
except spark_curvature.CurvatureError as error:
    print(error.code, error)
"""
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "a/b")},
    )
    assert found.stdout.startswith(str(tmp_path))
    assert "2 this package carries no jar" in found.stdout
    assert "deploy/python/build" in found.stdout and not found.stderr


def test_importing_starts_nothing():
    code = (
        "import sys, spark_curvature, json;"
        "print(json.dumps([m for m in ('pyspark', 'py4j', 'pandas') if m in sys.modules]))"
    )
    # Neither Java nor anything else that an environment tells.
    bare = {k: v for k, v in os.environ.items() if k in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**bare, "PATH": "/nowhere", "JAVA_HOME": "/nowhere"},
    )
    assert json.loads(found.stdout) == [] and not found.stderr


def test_a_script_ends_by_itself_and_says_nothing():
    code = """
session = start()
session.sparkContext.setLogLevel("WARN")
before = session._jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel().toString()
print("FITTED", file=sys.stderr, flush=True)
model = poisson(session)
print(len(model.estimate().estimates), len(model.fit().estimates))
after = session._jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel().toString()
print("LEVEL", before, after)
print("END", time.time(), flush=True)
"""
    running = process(code)
    output, errors = finished(running)
    ended = time.time()
    assert output.startswith("2 2\n") and "LEVEL WARN WARN" in output
    assert ended - float(re.search(r"END (\S+)", output).group(1)) < 10
    # Spark shows the progress of stages, and warns of native libraries.
    said = [line.strip() for line in re.split(r"[\r\n]", errors.split("FITTED\n")[1])]
    others = [line for line in said if line and not re.match(r"\[Stage \d|\S+ \S+ WARN ", line)]
    assert not others, errors
    assert "curvature" not in "".join(said).lower(), errors


def test_sessions_may_follow_each_other():
    code = """
first = start()
first.sparkContext.setLogLevel("OFF")
model = poisson(first)
before = model.estimate()
table = repr(before)
estimates = before.estimates
first.stop()
second = start()
after = poisson(second).estimate()
print("SAME", (after.estimates == estimates).all(), (before.estimates == estimates).all())
print("TABLE", repr(before) == table, before.covariance.shape, len(before.to_pandas()))
for call in (model.estimate, before.to_spark, lambda: before.predict(rows(second)), lambda: before.write("x")):
    try:
        call()
    except CurvatureError as error:
        print("STOPPED", error.code, error.what)
"""
    output, errors = finished(process(code))
    assert "SAME True True" in output
    assert "TABLE True (2, 2) 2" in output
    assert output.count("STOPPED 2 that session was stopped") == 4, output
    assert "Traceback" not in errors and "Exception" not in errors, errors


def test_two_processes_side_by_side():
    code = "print(poisson(start()).estimate().estimates.tolist())"
    both = [process(code) for _ in range(2)]
    outputs = [finished(each)[0] for each in both]
    assert outputs[0] == outputs[1] and json.loads(outputs[0])


def fits_leave_nothing(spark, few, many):
    """Fits, and looks at how many objects the gateway holds for Python."""
    import gc

    from py4j.java_gateway import JavaObject
    from py4j.protocol import GATEWAY_SERVER_OBJECT_ID

    gateway = spark._sc._gateway
    server = JavaObject(GATEWAY_SERVER_OBJECT_ID, gateway._gateway_client)
    frame = spark.range(50).selectExpr("id % 4 AS y", "sin(id) AS x").cache()
    model = curvature(frame, formula="y ~ x", family="poisson")

    def held(most=0):
        """Objects are let go of by a thread of the gateway's, a little later."""
        until = time.time() + 20
        while True:
            gc.collect()
            size = server.getGateway().getBindings().size()
            if size <= most or time.time() > until:
                return size
            time.sleep(0.2)

    def fit(times):
        for _ in range(times):
            fitted = model.fit()
            assert np.isfinite(fitted.estimates).all() and fitted.parameters
        del fitted

    fit(few)
    time.sleep(3)
    before = held(10**6)
    persistent = spark.sparkContext._jsc.getPersistentRDDs().size()
    fit(many)
    assert held(before + 2) <= before + 2
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == persistent
    frame.unpersist()


def test_fits_leave_no_objects_in_the_jvm(spark):
    fits_leave_nothing(spark, 5, 20)


@pytest.mark.slow
def test_a_thousand_fits_leave_no_objects_in_the_jvm(spark):
    fits_leave_nothing(spark, 5, 1000)


def test_there_are_no_callbacks(spark):
    poisson = curvature(
        spark.range(50).selectExpr("id % 4 AS y", "sin(id) AS x"), formula="y ~ x", family="poisson"
    )
    poisson.estimate()
    assert not getattr(spark._sc._gateway, "_callback_server", None)


def test_errors_of_the_users_own_calls_keep_their_class(spark):
    with pytest.raises(CurvatureError):
        curvature(spark.range(5), formula="y ~ id", family="poisson").fit()
    with pytest.raises(AnalysisException):
        spark.table("there_is_none")
    with pytest.raises(AnalysisException):
        spark.range(5).select("nothing")


def test_configure_keeps_what_the_user_set(monkeypatch):
    from spark_curvature import _gateway

    monkeypatch.setattr(_gateway, "jar", lambda: "/own.jar")
    monkeypatch.setattr(_gateway, "_jvm", lambda: None)

    class Builder:
        def __init__(self):
            self._options = {"spark.jars": "/a.jar", "spark.jars.packages": "g:a:1"}

        def config(self, key, value):
            self._options[key] = value
            return self

    builder = spark_curvature.configure(spark_curvature.configure(Builder()))
    assert builder._options == {"spark.jars": "/a.jar,/own.jar", "spark.jars.packages": "g:a:1"}


def test_configure_keeps_what_spark_defaults_say(tmp_path):
    own, other = tmp_path / "own.jar", tmp_path / "other.jar"
    for jar in (own, other):
        with zipfile.ZipFile(jar, "w") as archive:
            archive.writestr("nothing", "")
    (tmp_path / "spark-defaults.conf").write_text(f"# jars\nspark.jars   {other}\n")
    code = f"""
from spark_curvature import _gateway
_gateway.jar = lambda: {str(own)!r}
builder = spark_curvature.configure(SparkSession.builder.master("local[1]"))
session = spark_curvature.configure(builder).getOrCreate()
print(session.conf.get("spark.jars"))
session.stop()
"""
    again = "print(spark_curvature.configure(SparkSession.builder)._options.get('spark.jars'))"
    output = printed(code + again, SPARK_CONF_DIR=str(tmp_path))
    assert output.splitlines() == [f"{other},{own}", "None"], "nothing is to be added again"


def test_a_session_without_the_jar_says_what_to_do():
    code = """
session = start(jar=False)
for step in ("before", "after configure"):
    try:
        poisson(session).fit()
    except CurvatureError as error:
        print("CODE", error.code, error)
    # What is asked for later is not taken; nothing starts a second context.
    from spark_curvature import _gateway
    _gateway.jar = lambda: "/own.jar"
    again = spark_curvature.configure(SparkSession.builder).getOrCreate()
    print("SAME", again.sparkContext is session.sparkContext)
"""
    output, errors = finished(process(code))
    assert output.count("CODE 2") == 2 and output.count("SAME True") == 2, output
    assert "without the jar" in output and "restart the kernel" in output
    assert "configure(" in output and "--jars" in output and "Databricks" in output
    assert "JavaPackage" not in output + errors

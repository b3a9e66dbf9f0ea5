"""The way to the JVM that PySpark has."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from ._errors import CurvatureError

_SUPPORTED = ("4.0", "4.1", "4.2")


def jar() -> str:
    """The path of the jar that this package carries.

    Raises
    ------
    CurvatureError
        If it carries none, as in a checkout that is not built.
    """
    here = Path(__file__).resolve().parent
    wheel = next((path for path in here.parents if path.is_file()), None)
    if wheel is not None:
        return _unpacked(wheel)
    places = [here / "jars", here.parents[2] / "job" / "target"]
    for place in places:
        found = sorted(place.glob("spark-curvature-*-all.jar"))
        if found:
            return str(found[-1])
    raise CurvatureError(
        2,
        "this package carries no jar",
        str(here / "jars"),
        "build it, in a checkout of the project: deploy/python/build, and install the wheel of"
        " deploy/python/dist",
    )


@lru_cache
def _unpacked(wheel: Path) -> str:
    """The jar within a wheel that is imported as it is (--py-files), until this process ends."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith("-all.jar")]
        if not names:
            raise CurvatureError(2, "this wheel carries no jar", str(wheel), "build it anew")
        folder = tempfile.mkdtemp(prefix="spark-curvature-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return archive.extract(names[0], folder)


def configure(builder: Any) -> Any:
    """Adds the jar to a session that is yet to start.

    Parameters
    ----------
    builder : pyspark.sql.SparkSession.Builder
        What it, spark-submit or spark-defaults.conf says of `spark.jars` and
        `spark.jars.packages` stays.

    Returns
    -------
    pyspark.sql.SparkSession.Builder
        The same builder.
    """
    from py4j.java_gateway import JavaClass

    jvm = _jvm()
    if jvm is not None and isinstance(jvm.org.sparkcurvature.Curvature, JavaClass):
        return builder  # spark-submit --jars has it, or an earlier session
    own = jar()
    options = getattr(builder, "_options", {})
    given = options["spark.jars"] if "spark.jars" in options else _jars_given()
    before = [path for path in str(given).split(",") if path]
    if own not in [path.removeprefix("file://") for path in before]:
        builder = builder.config("spark.jars", ",".join([*before, own]))
    return builder


def _jvm() -> Any:
    """The JVM of this process, where one runs already: spark-submit's, or an earlier session's."""
    from pyspark import SparkContext

    if SparkContext._jvm is None and "PYSPARK_GATEWAY_PORT" in os.environ:
        SparkContext._ensure_initialized()
    return SparkContext._jvm


def _jars_given() -> str:
    """The value of spark.jars where no builder sets it, which one that does would replace."""
    from pyspark import SparkConf

    if _jvm() is None:
        return _default("spark.jars")
    return SparkConf().get("spark.jars", "") or ""


def _default(key: str) -> str:
    """A value of spark-defaults.conf, where the JVM that reads it has not started yet."""
    from pyspark.find_spark_home import _find_spark_home

    home = os.environ.get("SPARK_HOME") or _find_spark_home()
    folder = os.environ.get("SPARK_CONF_DIR") or os.path.join(home, "conf")
    value = ""
    try:
        with open(os.path.join(folder, "spark-defaults.conf"), encoding="utf-8") as lines:
            for line in lines:
                name, _, rest = line.strip().replace("=", " ", 1).partition(" ")
                value = rest.strip() if name == key else value
    except OSError:
        pass  # there is none
    return value


def is_connect(thing: Any) -> bool:
    """Whether a data frame or session is one of Spark Connect; nothing of it is called."""
    return type(thing).__module__.startswith("pyspark.sql.connect")


def entry(session: Any) -> Any:
    """The class `org.sparkcurvature.Curvature` in the JVM of a session.

    Raises
    ------
    CurvatureError
        If there is no such JVM, or no such class in it.
    """
    from py4j.java_gateway import JavaClass

    if is_connect(session):
        raise CurvatureError(
            2,
            "the session is one of Spark Connect, where there is no JVM to reach",
            "the session",
            "take a classic session: a cluster of one user, or spark-submit",
        )
    version = str(session.version)
    if ".".join(version.split(".")[:2]) not in _SUPPORTED:
        raise CurvatureError(
            2,
            f"this is Spark {version}, and Spark {', '.join(_SUPPORTED)} are supported",
            "the session",
            f"take pyspark {_SUPPORTED[-1]}",
        )
    refuse_stopped(session)
    found = session._jvm.org.sparkcurvature.Curvature
    if not isinstance(found, JavaClass):
        raise CurvatureError(
            2,
            "the session started without the jar of spark-curvature",
            "the session",
            "stop it (restart the kernel of a notebook: a jar that is asked for later is not taken),"
            " and start it with spark_curvature.configure(SparkSession.builder).getOrCreate(), or"
            f" pyspark --jars {jar_or_hint()}; on Databricks, add the jar to the cluster's libraries",
        )
    _refuse_other_version(found)
    return found


def refuse_stopped(session: Any) -> None:
    """Refuses a session whose context has ended."""
    context = session._sc
    if context._jsc is None or context._jsc.sc().isStopped():
        raise CurvatureError(
            2,
            "that session was stopped",
            "the session",
            "read the data frame in a session that runs; numbers that were read before are still"
            " there",
        )


def _refuse_other_version(found: Any) -> None:
    """Refuses a jar of another version; the first ones did not tell theirs."""
    from py4j.protocol import Py4JError

    from . import __version__

    try:
        java = str(found.version())
    except Py4JError:
        java = "of an earlier release"
    if java != "development" and java.replace("-SNAPSHOT", ".dev0") != __version__:
        raise CurvatureError(
            2,
            f"the jar has the version {java}, and the Python package {__version__}",
            "the session",
            f"take both of one version: the package's own jar is {jar_or_hint()}",
        )


def jar_or_hint() -> str:
    """The path of the jar for a message."""
    try:
        return jar()
    except CurvatureError:
        return "spark-curvature-job-VERSION-all.jar (deploy/python/build makes it)"

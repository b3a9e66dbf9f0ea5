"""The wheel and the jar within it, as clusters and other libraries meet them."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyspark
import pytest
from scripts import START, finished, process

WHEEL = os.environ.get("SPARK_CURVATURE_WHEEL", "")
OLD_CONFIG = os.environ.get("SPARK_CURVATURE_OLD_CONFIG", "")
SPARK = Path(pyspark.__file__).parent

pytestmark = pytest.mark.skipif(not WHEEL, reason="SPARK_CURVATURE_WHEEL names no wheel")


@pytest.fixture(scope="module")
def jar(tmp_path_factory):
    """The jar of the wheel."""
    with zipfile.ZipFile(WHEEL) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("-all.jar"))
        return wheel.extract(name, tmp_path_factory.mktemp("wheel"))


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_jar_holds_nothing_of_spark(jar):
    own = entries(jar)
    strays = [
        name
        for name in own
        if re.match(r"(META-INF/versions/\d+/)?(org/(slf4j|apache)|com/typesafe|scala)/", name)
        or re.search(r"(^|/)(log4j2?|logback|simplelogger|commons-logging)[^/]*\.(xml|properties|ya?ml|json)$", name)
    ]
    assert not strays
    classes = {name for name in own if name.endswith(".class") and not name.startswith("META-INF/")}
    assert "org/sparkcurvature/Curvature.class" in classes
    assert "org/sparkcurvature/shaded/config/ConfigFactory.class" in classes
    both = {
        library.name: sorted(shared)
        for library in (SPARK / "jars").glob("*.jar")
        if (shared := classes & entries(library))
    }
    assert not both


def test_the_wheel_says_what_it_takes():
    with zipfile.ZipFile(WHEEL) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        metadata = wheel.read(name).decode()
    assert re.search(r"^Requires-Python: <4,>=3.10$|^Requires-Python: >=3.10,<4$", metadata, re.M)
    for library in ("numpy", "pandas", "pyspark"):
        # The tests ask for the Spark of the build.
        [needed] = set(
            re.findall(rf'^Requires-Dist: {library}(\S+?)(?:; extra == "(?!test")\S+)?$', metadata, re.M)
        )
        assert "<" in needed and ">=" in needed
    assert not re.search(r"^Requires-Dist: pyarrow", metadata, re.M)
    names = entries(WHEEL)
    assert "org/sparkcurvature/ml/__init__.py" in names and "spark_curvature/py.typed" in names


@pytest.mark.slow
def test_old_libraries_in_front_and_the_jar_first(jar):
    """Typesafe Config of 2014 before the jar; executors of their own, which prefer the jar's classes."""
    code = f"""
builder = (
    SparkSession.builder.master("local-cluster[1,1,1024]")
    .config("spark.driver.extraClassPath", {OLD_CONFIG!r})
    .config("spark.executor.extraClassPath", {OLD_CONFIG!r})
    .config("spark.driver.userClassPathFirst", "true")
    .config("spark.executor.userClassPathFirst", "true")
    .config("spark.jars", {jar!r})
)
session = start(builder, jar=False)
factory = session._jvm.com.typesafe.config.ConfigFactory.empty().getClass()
print("CONFIG", factory.getProtectionDomain().getCodeSource().getLocation().toString())
model = poisson(session)
estimates = model.estimate()
print("ROWS", estimates.predict(rows(session)).count(), model.by("y > 1").estimate().counts)
from spark_curvature.ml import LossEstimator
stage = LossEstimator(formula="y ~ x", family="poisson").fit(rows(session))
print("STAGE", (stage.coefficients == estimates.estimates).all())
"""
    assert OLD_CONFIG, "SPARK_CURVATURE_OLD_CONFIG names no jar"
    output, _ = finished(process(code, SPARK_CURVATURE_CLASSPATH=""))
    assert f"CONFIG file:{OLD_CONFIG}" in output
    assert "ROWS 50 {" in output and "STAGE True" in output


def test_in_the_folder_of_sparks_own_jars(jar, tmp_path):
    """As clusters have it whose administrators install libraries."""
    home = tmp_path / "spark"
    (home / "jars").mkdir(parents=True)
    for part in SPARK.iterdir():
        if part.name != "jars":
            (home / part.name).symlink_to(part)
    for library in [*(SPARK / "jars").iterdir(), Path(jar)]:
        (home / "jars" / library.name).symlink_to(library)
    code = "print(len(poisson(start(jar=False)).estimate().estimates))"
    output, _ = finished(
        process(code, SPARK_HOME=str(home), SPARK_CURVATURE_CLASSPATH="")
    )
    assert output == "2\n"


def test_from_a_repository(jar, tmp_path):
    """As `--packages`, the jar in a repository of one's own; executors of their own fetch it from the driver."""
    version = re.search(r"spark-curvature-job-(.+)-all\.jar", Path(jar).name).group(1)
    name = f"spark-curvature-{version}"
    folder = tmp_path / "repository/org/sparkcurvature/spark-curvature" / version
    folder.mkdir(parents=True)
    (folder / f"{name}.jar").symlink_to(jar)
    (folder / f"{name}.pom").write_text(
        f"""<project><modelVersion>4.0.0</modelVersion><groupId>org.sparkcurvature</groupId>
        <artifactId>spark-curvature</artifactId><version>{version}</version></project>"""
    )
    settings = tmp_path / "ivysettings.xml"
    settings.write_text(
        f"""<ivysettings><settings defaultResolver="own"/><resolvers>
        <ibiblio name="own" m2compatible="true" root="{(tmp_path / "repository").as_uri()}"/>
        </resolvers></ivysettings>"""
    )
    code = f"""
builder = (
    SparkSession.builder.master("local-cluster[1,1,1024]")
    .config("spark.jars.packages", "org.sparkcurvature:spark-curvature:{version}")
    .config("spark.jars.ivySettings", {str(settings)!r})
    .config("spark.jars.ivy", {str(tmp_path / "ivy")!r})
)
model = poisson(start(builder, jar=False))
print(len(model.estimate().estimates))
"""
    output, _ = finished(process(code, SPARK_CURVATURE_CLASSPATH=""))
    assert output.endswith("\n2\n")


def test_py_files(jar, tmp_path):
    """spark-submit with the wheel as it is, and with its jar."""
    other = tmp_path / "other.jar"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("nothing", "")
    script = tmp_path / "script.py"
    script.write_text(
        START
        + """
print("FROM", spark_curvature.__file__)
session = start()
print("JARS", session.conf.get("spark.jars"))
print("FITTED", len(poisson(session).estimate().estimates))
from org.sparkcurvature.ml import LossEstimator
print("STAGE", LossEstimator(formula="y ~ x", family="poisson").fit(rows(session)).names)
"""
    )
    wheel = shutil.copy(WHEEL, tmp_path)

    def submit(*options):
        return subprocess.run(
            [SPARK / "bin/spark-submit", "--py-files", wheel, *options, script],
            capture_output=True,
            text=True,
            env={
                **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
                "PYSPARK_PYTHON": sys.executable,
                "SPARK_HOME": str(SPARK),
                "SPARK_CURVATURE_CLASSPATH": "",
            },
        )

    found = submit("--jars", f"{jar},{other}")
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"FROM {tmp_path}" in found.stdout or ".whl/spark_curvature" in found.stdout
    assert "FITTED 2" in found.stdout and "STAGE ['Intercept', 'x']" in found.stdout
    jars = re.search("JARS (.*)", found.stdout).group(1)
    assert "other.jar" in jars and jars.count("-all.jar") == 1, "what was given is kept"
    # Without the jar there is one way to go on.
    found = submit()
    assert found.returncode != 0 and "JavaPackage" not in found.stdout + found.stderr
    said = found.stdout + found.stderr
    assert "without the jar of spark-curvature" in said and "--jars" in said

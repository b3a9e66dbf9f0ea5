package org.sparkcurvature.job.command;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;

/** The Spark session of one command: one that runs already, which is left running, or a new one. */
final class Session implements AutoCloseable {
  private static final String LOCAL = "local[*]";

  /** Whether a session has jars of its own. */
  private static final String ISOLATION = "spark.sql.artifact.isolation.enabled";

  private final SparkSession spark;
  private final boolean own;

  private Session(SparkSession spark, boolean own) {
    this.spark = spark;
    this.own = own;
  }

  /**
   * Starts Spark as spark-submit configured it, or on this machine's cores where nothing did.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 5 if there is no cluster,
   *     with 2 if Spark does not take what spark-submit was told
   */
  static Session open(String command) {
    boolean running = SparkSession.getDefaultSession().isDefined();
    SparkConf configuration = new SparkConf();
    SparkSession.Builder builder = SparkSession.builder();
    if (!configuration.contains("spark.app.name")) {
      builder.appName("spark-curvature " + command);
    }
    if (!configuration.contains("spark.master")) {
      builder.master(LOCAL);
      if (!configuration.contains("spark.ui.enabled")) {
        builder.config("spark.ui.enabled", false);
      }
    }
    if (!running && !configuration.contains(ISOLATION)) {
      // Nobody adds jars to the session of a command. With jars of its own each clone of a session
      // has a class loader of its own, and Spark's generated code is compiled anew for each.
      builder.config(ISOLATION, false);
    }
    if (configuration.get("spark.master", LOCAL).matches("local(\\[.*])?")) {
      // A task that runs out of memory would end the process before anything could be said.
      builder.config("spark.executor.killOnFatalError.depth", 0);
      Read read = read();
      read.added().forEach((key, value) -> builder.config("spark.hadoop." + key, value));
      if (!running && read.added().containsKey(LocalDisk.KEY)) {
        LocalDisk.replaceFirst(hadoop());
      }
    }
    try {
      return new Session(Failures.translate(builder::getOrCreate), !running);
    } catch (IllegalArgumentException e) {
      throw Errors.sparkOptions(Failures.reason(e), e);
    } catch (RuntimeException e) {
      for (Throwable link = e; link != null; link = link.getCause()) {
        if (link instanceof ClassNotFoundException) { // such as that of a plug-in
          throw Errors.sparkOptions("there is no class " + link.getMessage(), e);
        }
      }
      throw e;
    }
  }

  /** A program's session, which is left as it is. */
  static Session of(SparkSession spark) {
    return new Session(spark, false);
  }

  /** Where tasks will run, if spark-submit was told. */
  static Optional<String> master() {
    return Optional.ofNullable(new SparkConf().get("spark.master", null));
  }

  /** How file systems are reached, before there is a session: what spark-submit was told. */
  static Configuration hadoop() {
    return new Configuration(read().configuration());
  }

  private static synchronized Read read() {
    SparkConf told = new SparkConf();
    Set<Object> settings = Set.of((Object[]) told.getAll());
    if (last == null || !last.settings().equals(settings)) {
      Configuration configuration = hadoop(told);
      Map<String, String> added = LocalDisk.unsetIn(configuration);
      added.forEach(configuration::set);
      last = new Read(settings, configuration, added);
    }
    return last;
  }

  /**
   * What was read last: Hadoop's files take some hundredths of a second each time.
   *
   * @param added what is told of local disks beside that
   */
  private record Read(
      Set<Object> settings, Configuration configuration, Map<String, String> added) {}

  private static Read last;

  /** By reflection: the parameter's type is another one in Spark 4.0. */
  private static Configuration hadoop(SparkConf configuration) {
    try {
      for (Method method : SparkHadoopUtil.class.getMethods()) {
        if (method.getName().equals("newConfiguration") && method.getParameterCount() == 1) {
          return (Configuration) method.invoke(new SparkHadoopUtil(), configuration);
        }
      }
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("this Spark does not say how Hadoop is configured");
  }

  /** Names what is run from now on, where there is a session. */
  static void label(String stage, String announcement) {
    if (SparkSession.getDefaultSession().isDefined()) {
      TaskMetricsListener.label(
          SparkSession.getDefaultSession().get().sparkContext(), stage, announcement);
    }
  }

  SparkSession spark() {
    return spark;
  }

  @Override
  public void close() {
    if (own) {
      spark.stop();
    }
  }
}

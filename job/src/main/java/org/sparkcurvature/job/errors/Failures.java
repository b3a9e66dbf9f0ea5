package org.sparkcurvature.job.errors;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkException;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import scala.MatchError;

/**
 * What a failure of a Spark job comes from. Spark wraps an exception of a task several times; the
 * user wants the innermost one that he can do something about.
 */
public final class Failures {
  private Failures() {}

  private static final Pattern CONDITION = Pattern.compile("^\\[[A-Z0-9_.]+]\\s*");
  private static final Pattern STATE = Pattern.compile("\\s*SQLSTATE: \\w+.*$", Pattern.DOTALL);

  private static final String DISK_FULL = "No space left on device";

  private static final Pattern MISSING_ON_EXECUTORS =
      Pattern.compile(
          "ClassNotFoundException: org[./]sparkcurvature|lang\\.invoke\\.SerializedLambda");

  private static final Pattern UNREGISTERED =
      Pattern.compile("Class is not registered: (org\\.sparkcurvature[\\w.$]*|[\\w.$\\[\\];]+)");

  /**
   * How Spark says that an executor is gone because of its memory: by its own exit code for that,
   * by the signal of a kernel or container, in words of a resource manager.
   */
  private static final Pattern MEMORY_LOST =
      Pattern.compile(
          "[Cc]ommand exited with code (52|137)\\b|exit (code|status):? (52|137)\\b|exceeding (physical |virtual )?memory limits");

  /**
   * How Spark says that what tasks left on its own disks is gone: by the folder of a block manager,
   * by a shuffle that has no output.
   */
  private static final Pattern SPARKS_OWN_FILES =
      Pattern.compile("/blockmgr-[0-9a-f-]{36}/|FetchFailed|output location for shuffle \\d");

  /** How Hadoop's client of S3, which is not among our libraries, says that the store is busy. */
  private static final Set<String> BUSY =
      Set.of("AWSServiceThrottledException", "AWSStatus500Exception");

  /** How stores themselves say so: S3, Azure, Google Cloud, Alibaba. */
  private static final Pattern BUSY_STORE =
      Pattern.compile(
          "\\bSlow ?Down\\b|ServerBusy|TooManyRequests|Too Many Requests|RequestLimitExceeded"
              + "|Throttl(ing|ed)|(?i:status ?code:? ?|HTTP(/1\\.1)? )(429|500|502|503|504)\\b"
              + "|\\b(429|503) (Service Unavailable|Slow Down|Too Many Requests)");

  /** Spark's condition for a file that it could not read, and does not say why. */
  private static final String UNREAD = "FAILED_READ_FILE.NO_HINT";

  /** Of what a failure says, so much is told. */
  private static final int LONGEST = 500;

  /** Words by which Spark's own messages say that machines or disks gave out. */
  private static final List<String> CLUSTER =
      List.of(
          "ExecutorLostFailure",
          DISK_FULL,
          "OutOfMemoryError",
          "cancelled as part of cancellation",
          "FetchFailed",
          "Connection refused",
          "spark.driver.maxResultSize",
          "Lost task",
          "Master removed our application",
          "Could not parse Master URL");

  /**
   * Runs {@code job}.
   *
   * @throws JobException in place of a failure that {@link #understand} knows; any other failure as
   *     it is
   */
  public static <T> T translate(Supplier<T> job) {
    try {
      return job.get();
    } catch (RuntimeException e) {
      throw understand(e);
    } catch (Exception e) { // Scala code throws checked exceptions without saying so.
      throw understand(e);
    }
  }

  /**
   * Runs {@code job}, which writes what is at {@code path}, and reads the input as far as that
   * takes.
   *
   * @throws JobException as {@link #translate} does; a failure of the writing is told as such
   */
  public static <T> T translateWriting(String path, Supplier<T> job) {
    try {
      return job.get();
    } catch (RuntimeException e) {
      throw understandWriting(path, e);
    } catch (Exception e) { // Scala code throws checked exceptions without saying so.
      throw understandWriting(path, e);
    }
  }

  private static RuntimeException understandWriting(String path, Exception failure) {
    List<Throwable> chain = chain(failure);
    String local = path.replaceFirst("^\\w+:(//[^/]*)?(?=/)", "");
    if (chain.stream().noneMatch(JobException.class::isInstance)) {
      for (Throwable link : chain) {
        if (isFullFileSystem(link)) {
          return Errors.resultNotWritten(path, reason(link), failure);
        }
        // The input was analysed before: what Spark does not accept now is how it is written.
        if (link instanceof AnalysisException) {
          return Errors.tableNotWritable(path, reason(link), failure);
        }
        if (link instanceof IOException && String.valueOf(link.getMessage()).contains(local)) {
          return Errors.resultNotWritten(path, reason(link), failure);
        }
      }
    }
    return understand(failure);
  }

  /**
   * The failure in the user's terms: the {@link JobException} somewhere inside it, or one made of
   * what Spark says of the data or the cluster. What is neither is a defect, and comes back as it
   * is, wrapped if it was checked.
   */
  public static RuntimeException understand(Throwable failure) {
    List<Throwable> chain = chain(failure);
    for (Throwable link : chain) {
      if (link instanceof JobException known) {
        return known;
      }
    }
    for (Throwable link : chain) {
      String message = String.valueOf(link.getMessage());
      if (message.contains("No FileSystem for scheme")
          || link instanceof ClassNotFoundException && message.contains("FileSystem")) {
        return Errors.noFileSystem(reason(link), failure);
      }
      if (MISSING_ON_EXECUTORS.matcher(message).find()) {
        return Errors.configuration(
            "executors do not have the jar of spark-curvature",
            "spark.jars",
            "start the session with it: --jars, spark.jars, or spark.executor.extraClassPath where it"
                + " lies on every machine");
      }
      if (message.contains("PYTHON_VERSION_MISMATCH")) {
        return Errors.configuration(
            "workers have another version of Python than the driver",
            "PYSPARK_PYTHON",
            "activate the driver's virtual environment, or set PYSPARK_PYTHON to its python, before"
                + " the session starts");
      }
      Matcher unregistered = UNREGISTERED.matcher(message);
      if (unregistered.find()) {
        return Errors.configuration(
            "Kryo writes registered classes alone, and %s is none".formatted(unregistered.group(1)),
            "spark.kryo.registrationRequired",
            "set spark.kryo.registrator to org.sparkcurvature.KryoRegistration (in a list, beside"
                + " yours), or registrationRequired to false");
      }
      if (message.contains("SparkContext was shut down")
          || message.contains("SparkContext has been shutdown")) {
        return Errors.interrupted(failure);
      }
    }
    for (Throwable link : chain) {
      if (link instanceof OutOfMemoryError) {
        return Errors.outOfMemory(reason(link), failure);
      } else if (isOutOfMemoryWhileReading(link)) {
        return Errors.outOfMemory(
            "a file was read, of which a single line may be longer than there is room for",
            failure);
      } else if (isFullFileSystem(link)) {
        return Errors.fileSystemFull(reason(link), failure);
      }
    }
    for (Throwable link : chain) {
      String message = String.valueOf(link.getMessage());
      if (message.contains(DISK_FULL)) {
        return Errors.localDiskFull(DISK_FULL, failure);
      }
      if (link instanceof RejectedExecutionException
          && message.contains("org.apache.spark.executor")) {
        return Errors.cluster("an executor was shutting down when it was given a task", failure);
      }
      if (SPARKS_OWN_FILES.matcher(message).find()) {
        return Errors.cluster("files that it keeps for itself are lost: " + reason(link), failure);
      }
      Matcher lost = MEMORY_LOST.matcher(message);
      if (message.contains("ExecutorLostFailure") && lost.find()) {
        return Errors.outOfMemory("executors were lost (" + lost.group() + ")", failure);
      }
    }
    for (int k = chain.size() - 1; k >= 0; k--) {
      Throwable link = chain.get(k);
      if (link instanceof FileNotFoundException || link instanceof AnalysisException) {
        return Errors.inputNotReadable("the input", "curvature.input", reason(link), failure);
      }
      if (link instanceof SparkThrowable spark
          && spark.getCondition() != null
          && !spark.isInternalError()
          && isOfData(spark.getCondition())) {
        return Errors.inputNotReadable("the input", "curvature.input", reason(link), failure);
      }
      if (link.getMessage() != null
          && link.getMessage().startsWith("CSV header does not conform to the schema")) {
        return Errors.inputNotReadable(
            "the input",
            "curvature.input.path",
            "its CSV files have different headers ("
                + link.getMessage()
                    .lines()
                    .skip(1)
                    .map(String::strip)
                    .reduce((a, b) -> a + "; " + b)
                    .orElse("")
                + ")",
            failure);
      }
    }
    for (Throwable link : chain) {
      if (link instanceof SparkException
          && link.getMessage() != null
          && CLUSTER.stream().anyMatch(link.getMessage()::contains)
          && chain.get(chain.size() - 1) instanceof SparkException) {
        return Errors.cluster(reason(link), failure);
      }
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(failure.getMessage(), failure);
  }

  /**
   * Whether a store did not answer, or said that it was too busy: what is in it may be as it should
   * be. A host without an address is taken for one that is misspelt.
   */
  public static boolean isUnreachable(Throwable failure) {
    return chain(failure).stream()
        .anyMatch(
            link ->
                link instanceof SocketException
                    || link instanceof SocketTimeoutException
                    || BUSY.contains(link.getClass().getSimpleName())
                    || link instanceof IOException
                        && BUSY_STORE.matcher(String.valueOf(link.getMessage())).find());
  }

  /** Whether a pattern of paths is malformed, by an unclosed bracket for one. */
  public static boolean isNoPattern(Throwable failure) {
    return chain(failure).stream()
        .anyMatch(
            link ->
                // Hadoop has one of its own, under a name that differs between its builds.
                link.getClass().getSimpleName().equals("PatternSyntaxException")
                    || link instanceof IOException
                        && String.valueOf(link.getMessage()).startsWith("Illegal file pattern"));
  }

  /** Spark's reader of files expects no such error, and fails over it. */
  private static boolean isOutOfMemoryWhileReading(Throwable link) {
    return link instanceof MatchError
        && String.valueOf(link.getMessage()).startsWith(OutOfMemoryError.class.getName());
  }

  /** Whether a row has more columns than the parser of CSV has room for. */
  public static boolean isTooWide(Throwable failure) {
    return chain(failure).stream().anyMatch(ArrayIndexOutOfBoundsException.class::isInstance);
  }

  /** What Hadoop throws where a local file system cannot take what is written. */
  private static boolean isFullFileSystem(Throwable link) {
    return link instanceof FSError && String.valueOf(link.getMessage()).contains(DISK_FULL);
  }

  /**
   * Conditions that say that a value or file could not be read or computed, as opposed to a plan
   * that could not be made.
   */
  private static boolean isOfData(String condition) {
    return condition.startsWith("FAILED_READ_FILE")
        || condition.startsWith("MALFORMED_")
        || condition.startsWith("CANNOT_READ")
        || condition.startsWith("CANNOT_MERGE")
        || condition.startsWith("CANNOT_PARSE")
        || condition.startsWith("CAST_")
        || condition.startsWith("INVALID_ARRAY_INDEX")
        || condition.startsWith("INVALID_PARAMETER_VALUE")
        || condition.startsWith("DIVIDE_BY_ZERO")
        || condition.startsWith("ARITHMETIC_OVERFLOW")
        || condition.startsWith("USER_RAISED_EXCEPTION")
        || condition.startsWith("PARQUET_")
        || condition.startsWith("INCONSISTENT_BEHAVIOR")
        || condition.startsWith("UNSUPPORTED_");
  }

  /**
   * The first sentence of what happened, without Spark's condition, state and plan; where Spark
   * says no more than which file it is, also why.
   */
  public static String reason(Throwable failure) {
    Throwable source = failure;
    while (source.getCause() != null && (isBlank(source.getMessage()) || onlyRepeats(source))) {
      source = source.getCause();
    }
    if (isBlank(source.getMessage())) {
      return source.getClass().getSimpleName();
    }
    String text =
        STATE
            .matcher(CONDITION.matcher(source.getMessage().strip()).replaceFirst(""))
            .replaceFirst("");
    String line =
        text.lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty())
            .findFirst()
            .orElse(source.getClass().getSimpleName());
    String said = line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    boolean isHeading = said.endsWith(":");
    if (source.getCause() != null && (isHeading || isUnread(source))) {
      return (isHeading ? said : said + ":") + " " + reason(source.getCause());
    }
    return isHeading ? joined(text) : said;
  }

  /** Whether Spark says no more than which file it could not read. */
  private static boolean isUnread(Throwable failure) {
    return failure instanceof SparkThrowable spark && UNREAD.equals(spark.getCondition());
  }

  /** All that a failure says but its stack, in one line that a person still reads. */
  public static String described(Throwable failure) {
    return joined(
        failure
            .toString()
            .lines()
            .takeWhile(line -> !line.startsWith("\tat "))
            .collect(Collectors.joining("\n")));
  }

  /** What follows a heading, in one line that a person still reads. */
  private static String joined(String text) {
    String line = String.join(" ", text.lines().map(String::strip).toList());
    return line.length() > LONGEST ? line.substring(0, LONGEST) + " ..." : line;
  }

  private static boolean isBlank(String message) {
    return message == null || message.isBlank();
  }

  /** Whether all that it says is what caused it, which says more itself. */
  private static boolean onlyRepeats(Throwable failure) {
    Throwable cause = failure.getCause();
    return !isBlank(cause.getMessage()) && failure.getMessage().equals(cause.toString());
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable link = failure; link != null && seen.add(link); link = link.getCause()) {
      chain.add(link);
    }
    return chain;
  }
}

package org.sparkcurvature.job.errors;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every message that ends a run, by exit code. A factory takes the values that its message names.
 */
public final class Errors {
  /** Why nothing can be written to such a file system as that of https. */
  public static final String TAKES_NO_FILES = "its file system takes no files";

  private Errors() {}

  private static final int LISTED_COLUMNS = 20;
  private static final int LISTED_ENTRIES = 5;

  // ---------------------------------------------------------------- 2: configuration and use

  /**
   * Everything that is wrong with a configuration, in one message. Each fault says where and how to
   * mend it.
   */
  public static JobException configuration(List<String> faults) {
    String what =
        faults.size() == 1
            ? faults.get(0)
            : faults.size()
                + " faults in the configuration:"
                + faults.stream()
                    .map(fault -> "\n  - " + fault.replace("\n", "\n    "))
                    .collect(Collectors.joining());
    return new JobException(ExitCode.CONFIGURATION, what, "", "");
  }

  /**
   * One fault of a configuration that only shows later, such as an expression whose shapes do not
   * meet.
   */
  public static JobException configuration(String what, String where, String remedy) {
    return new JobException(ExitCode.CONFIGURATION, what, where, remedy);
  }

  /** A command line that cannot be understood. */
  public static JobException usage(String what, String remedy) {
    return new JobException(ExitCode.CONFIGURATION, what, "the command line", remedy);
  }

  public static JobException outputExists(String path) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the output " + path + " exists already",
        "curvature.output.path",
        "remove it, choose another path, or set curvature.output.mode = overwrite or ignore");
  }

  /**
   * Another run writes the output. To try again later helps.
   *
   * @param process which, as far as it is known
   */
  public static JobException outputInUse(String path, String process) {
    return new OutputInUseException(
        "another run writes the output %s: %s".formatted(path, process),
        "curvature.output.path",
        "wait for it and try again, or choose another path");
  }

  /**
   * A complete result of something else, where {@code ignore} would leave it.
   *
   * @param difference by what it is not the result that was asked for
   */
  public static JobException outputOfAnother(String path, String difference) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the result at %s is not the one that is asked for: %s".formatted(path, difference),
        "curvature.output.mode",
        "choose another path, or set curvature.output.mode = overwrite");
  }

  /** As the other one, for a reason that was thrown. */
  public static JobException outputNotWritable(String path, String reason, Throwable cause) {
    return Failures.isUnreachable(cause)
        ? notReachable("the output " + path, "curvature.output.path", reason, cause)
        : outputNotWritable(path, reason);
  }

  public static JobException outputNotWritable(String path, String reason) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the output " + path + " cannot be written: " + reason,
        "curvature.output.path",
        "give a folder that this user may create and write");
  }

  /** An output that a reader of the input would find there. */
  public static JobException outputAmongInputs(String path, String input) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the output " + path + " lies in the input " + input + ": the next run would read it",
        "curvature.output.path",
        "choose a folder outside, or give the input as a pattern of its files, such as *.parquet");
  }

  /**
   * A folder that is to be replaced and holds what no run of this program wrote.
   *
   * @param found paths of it within the folder
   * @param listed whether there is a manifest, which lists other files
   */
  public static JobException outputNotAResult(String path, List<String> found, boolean listed) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the output %s is not replaced: it holds %s%s, which %s"
            .formatted(
                path,
                found.stream().limit(LISTED_ENTRIES).collect(Collectors.joining(", ")),
                found.size() > LISTED_ENTRIES ? ", ... (" + found.size() + " in all)" : "",
                listed
                    ? "its manifest.json does not list"
                    : "no manifest.json of this program lists"),
        "curvature.output.path",
        "give another folder, or one within it; if all of it can go, remove it first");
  }

  /** A table that the format of the output has no form for. */
  public static JobException tableNotWritable(String path, String reason, Throwable cause) {
    return new JobException(
        ExitCode.CONFIGURATION,
        path + " cannot be written: " + reason,
        "curvature.output.format",
        "set another format, or cast such a column or leave it out with curvature.input.sql",
        cause);
  }

  /** A configuration or parameter file that cannot be read. */
  public static JobException fileNotReadable(String path, String where, String reason) {
    return new JobException(
        ExitCode.CONFIGURATION,
        path + " cannot be read: " + reason,
        where,
        "check the path and its permissions");
  }

  /** A configuration or parameter file in a store that does not answer. */
  public static JobException fileNotReachable(String path, String reason, Throwable cause) {
    return notReachable(path, "", reason, cause);
  }

  /** A result that no process here can hold. */
  public static JobException tooLarge(
      String what, long bytes, long available, String where, String remedy) {
    return new JobException(
        ExitCode.CONFIGURATION,
        what + " takes " + bytes(bytes) + "; there are " + bytes(available),
        where,
        remedy);
  }

  /**
   * A result that its file system has no room for.
   *
   * @param parts its largest ones, with their sizes
   * @param least bytes that it takes if its tables compress as well as can be
   * @param most bytes that it takes where they do not compress
   * @param free bytes
   * @param place which was asked for {@code free}
   */
  public static JobException noRoom(
      String what,
      String parts,
      long least,
      long most,
      long free,
      String place,
      String where,
      String remedy) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "%s takes %s (%s)%s; %s are free at %s"
            .formatted(
                what,
                bytes(most),
                parts,
                least == most
                    ? ""
                    : ", and at least %s however well its tables compress".formatted(bytes(least)),
                bytes(free),
                place),
        where,
        remedy);
  }

  /** A folder of checkpoints that cannot serve. */
  public static JobException checkpoint(String path, String reason) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "the checkpoint " + path + " is not taken: " + reason,
        "curvature.fit.checkpoint",
        "name another folder, or remove this one");
  }

  /** A Spark that the program does not run on. */
  public static JobException otherSpark(String here, List<String> supported) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "this is Spark %s, and the program runs on Spark %s and %s"
            .formatted(
                here,
                String.join(", ", supported.subList(0, supported.size() - 1)),
                supported.get(supported.size() - 1)),
        "SPARK_HOME, or the cluster",
        "take one of these");
  }

  /**
   * Libraries that were added for another Spark or Scala.
   *
   * @param libraries each with what it is built for
   */
  public static JobException otherLibraries(List<String> libraries, String spark, String scala) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "libraries do not fit Spark %s with Scala %s: %s"
            .formatted(spark, scala, String.join(", ", libraries)),
        "the options behind -- (--packages, --jars)",
        "name their builds for this Spark and Scala, such as ..._%s:VERSION".formatted(scala));
  }

  /** A class that a library expects otherwise than it is here. */
  public static JobException misfit(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "libraries on the class path do not fit together: " + reason,
        "the options behind -- (--packages, --jars, --conf spark.plugins or spark.sql.extensions), or SPARK_HOME",
        "name builds for this Spark and Scala; --debug prints where it was met",
        cause);
  }

  /** The same for a reason that was thrown. */
  public static JobException checkpoint(String path, Throwable cause) {
    if (Failures.isUnreachable(cause)) {
      return notReachable(
          "the checkpoint " + path, "curvature.fit.checkpoint", Failures.reason(cause), cause);
    }
    return checkpoint(
        path,
        cause instanceof UnsupportedOperationException ? TAKES_NO_FILES : Failures.reason(cause));
  }

  // ---------------------------------------------------------------- 3: data

  public static JobException noSuchPath(String path, String where) {
    return new JobException(
        ExitCode.DATA,
        "there is nothing at " + path,
        where,
        "check the path or glob; relative paths are relative to the working directory. Of a day that may come later say so with input.missing-path = retry or empty");
  }

  /** A store that does not answer, which says nothing of what is in it. */
  private static JobException notReachable(
      String what, String where, String reason, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        what + " cannot be reached: " + reason,
        where,
        "look at the store, at the network, and at the address that is configured; run again when it answers",
        cause);
  }

  public static JobException inputNotReadable(
      String input, String where, String reason, Throwable cause) {
    if (Failures.isUnreachable(cause)) {
      return notReachable(input, where, reason, cause);
    }
    return new JobException(
        ExitCode.DATA,
        input + " cannot be read: " + reason,
        where,
        "check format, options and permissions",
        cause);
  }

  /**
   * A path of the input that its file system does not take, or that cannot be looked for; any other
   * exception as it is.
   */
  public static RuntimeException inputPath(String path, Exception cause) {
    String where = "curvature.input.path";
    if (Failures.isNoPattern(cause)) {
      return configuration(
          path + " is no pattern of paths: " + Failures.reason(cause),
          where,
          "close the bracket, or write \\[ or \\{ (in quotes \\\\[) where it belongs to a name");
    } else if (cause instanceof UnsupportedOperationException) {
      return configuration(
          "the file system of " + path + " cannot list what it holds",
          where,
          "copy the files to a disk or store of which Hadoop has a whole file system");
    } else if (cause instanceof IllegalArgumentException) {
      return configuration(path + " is no path: " + Failures.reason(cause), where, PATH_REMEDY);
    }
    return cause instanceof RuntimeException other
        ? other
        : inputNotReadable(path, where, Failures.reason(cause), cause);
  }

  private static final String PATH_REMEDY =
      "correct it; a name with a colon is written ./a:b, or with its scheme, file:/folder/a:b";

  public static JobException noSuchTable(String table) {
    return new JobException(
        ExitCode.DATA,
        "there is no table or view " + table,
        "curvature.input.table",
        "check the name and the catalog");
  }

  public static JobException missingColumn(
      String column, String where, Collection<String> columns) {
    List<String> near = Names.nearest(column, columns);
    String listed =
        columns.stream().limit(LISTED_COLUMNS).collect(Collectors.joining(", "))
            + (columns.size() > LISTED_COLUMNS ? ", ... (" + columns.size() + " in all)" : "");
    return new JobException(
        ExitCode.DATA,
        "there is no column '" + column + "'",
        where,
        (near.isEmpty() ? "" : "perhaps " + String.join(" or ", near) + " was meant. ")
            + "The columns are "
            + listed);
  }

  /** A Spark SQL expression that Spark does not accept. */
  public static JobException expression(
      String expression, String where, String reason, Throwable cause) {
    return new JobException(
        ExitCode.DATA,
        "'" + PublicText.maskedSql(expression) + "' cannot be computed: " + reason,
        where,
        "write a column or a Spark SQL expression of the columns",
        cause);
  }

  /** A column or expression whose type does not hold numbers. */
  public static JobException notNumeric(
      String expression, String type, String where, String remedy) {
    return new JobException(
        ExitCode.DATA,
        "'"
            + PublicText.maskedExpression(expression)
            + "' is of type "
            + type
            + ", which is not read as a number",
        where,
        remedy);
  }

  /** A tensor that cannot have the shape that is asked of it, whatever its rows hold. */
  public static JobException shape(String tensor, String what, String where, String remedy) {
    return new JobException(ExitCode.DATA, "tensor " + tensor + " " + what, where, remedy);
  }

  public static JobException noRows(String input) {
    return new NoRowsException(
        input + " has no rows",
        "curvature.input",
        "check the path, and header among the options of a CSV file; or set curvature.input.on-empty = succeed");
  }

  public static JobException noRowsPassTheFilter(String input) {
    return new NoRowsException(
        input + " has no rows that pass curvature.input.where",
        "curvature.input",
        "check the filter and the path; or set curvature.input.on-empty = succeed");
  }

  /**
   * Invalid rows, where invalid-rows = fail.
   *
   * @param rows the first of them, as {@code row 17 (id 4): x[2] (column income) is 'n/a': not a
   *     number}
   * @param wayOut how they can be used as they are; empty where that is not known
   */
  public static JobException invalidRows(List<String> rows, Optional<String> wayOut) {
    return new JobException(
        ExitCode.DATA,
        (rows.size() > 1
                ? "invalid rows, of which the first are:"
                : rows.get(0).startsWith("row ") ? "an invalid row:" : "invalid rows:")
            + lines(rows),
        "curvature.input",
        wayOut.orElse(
            "correct the data, leave these rows out with curvature.input.where, or set curvature.input.invalid-rows = drop or quarantine (of predict also keep)"));
  }

  /**
   * Not one valid row.
   *
   * @param count how many were rejected
   * @param rows the first of them, as for {@link #invalidRows}
   */
  public static JobException allRowsRejected(
      long count, List<String> rows, Optional<String> wayOut) {
    return new JobException(
        ExitCode.DATA,
        (count == 1 ? "the only row is invalid" : "all " + count + " rows are invalid")
            + ", as:"
            + lines(rows),
        "curvature.input",
        wayOut.orElse(
            "check the tensors' columns, the options of the reader and the declared shapes"));
  }

  /** More invalid rows than the configuration lets pass. */
  public static JobException tooManyRejected(
      long rejected, long read, double share, List<String> rows, Optional<String> wayOut) {
    return new JobException(
        ExitCode.DATA,
        String.format(
                Locale.ROOT,
                "%,d of %,d rows are invalid, more than the share %s, as:",
                rejected,
                read,
                share)
            + lines(rows),
        "curvature.input.max-rejected",
        wayOut.orElse("correct the data, or let a larger share of rows be invalid"));
  }

  public static JobException zeroWeight(long rows) {
    return new JobException(
        ExitCode.DATA,
        "the weights of the " + rows + " valid rows add up to 0",
        "curvature.input.weight",
        "give at least one row a weight above 0; per-sample results need no weights");
  }

  /** A row whose group is null, where these are refused. */
  public static JobException nullGroup(long row) {
    return nullGroup("the group of row " + row + " is null");
  }

  /** Rows whose group is null, where these are refused and have no numbers. */
  public static JobException nullGroup() {
    return nullGroup("there are rows whose group is null");
  }

  private static JobException nullGroup(String what) {
    return new JobException(
        ExitCode.DATA,
        what,
        "curvature.infer.groups",
        "leave such rows out with curvature.input.where, or set infer.null-groups = own");
  }

  /** Rows that are not what the configuration lets pass. */
  public static JobException data(String what, String where, String remedy) {
    return new JobException(ExitCode.DATA, what, where, remedy);
  }

  /** A row whose key is null, where these are refused. */
  public static JobException nullKey() {
    return new JobException(
        ExitCode.DATA,
        "there are rows whose key is null",
        "curvature.fit.null-groups",
        "leave such rows out with curvature.input.where, or set fit.null-groups = own, which makes"
            + " null a key like others");
  }

  /** A folder of tiles that are not those of a whole matrix. */
  public static JobException tilesMissing(String path, long elements, int order) {
    return new JobException(
        ExitCode.DATA,
        "the tiles hold %,d elements of the upper triangle of a matrix of order %,d, which has %,d"
            .formatted(elements, order, (long) order * (order + 1L) / 2),
        path,
        "name the folder of tiles of a run that is complete (it has _SUCCESS), such as <output>/hessian");
  }

  // ---------------------------------------------------------------- 4: no numerical answer

  /**
   * A value or derivative of valid input is NaN or infinite.
   *
   * @param expression where it first appeared
   * @param rows the first rows concerned, as {@code id 4} or {@code row 17}; empty where it is a
   *     quantity that all rows share
   */
  public static JobException notFinite(String expression, List<String> rows) {
    return new JobException(
        ExitCode.NO_ANSWER,
        "NaN or infinity in " + expression,
        rows.isEmpty() ? "every row" : String.join(", ", rows),
        NonFiniteAdvice.of(expression, rows));
  }

  public static JobException noAnswer(String what, String where, String remedy) {
    return new JobException(ExitCode.NO_ANSWER, what, where, remedy);
  }

  /** A URI whose file system is not on the class path. */
  public static JobException noFileSystem(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "there is no file system here for a path that was given: " + reason,
        "curvature.input.path, curvature.output.path or --config",
        "add what reaches it, as in -- --packages org.apache.hadoop:hadoop-aws:3.4.2 for s3a, or"
            + " correct the scheme",
        cause);
  }

  // ---------------------------------------------------------------- 5: the cluster

  /** The run was stopped, by a signal or by whoever runs the cluster. */
  public static JobException interrupted(Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        "the run was interrupted: the application was stopped from outside",
        "",
        "run it again; nothing was left that looks complete",
        cause);
  }

  public static JobException cluster(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        "Spark gave up: " + reason,
        "",
        "look at the executors' logs; memory and disk of the executors are the usual reasons",
        cause);
  }

  /** A process that had too little memory. */
  public static JobException outOfMemory(String reason, Throwable cause) {
    return outOfMemory(
        "memory ran out: " + reason,
        "",
        "give driver and executors more memory (-- --driver-memory, --executor-memory), or run fewer tasks at once (-- --executor-cores)",
        cause);
  }

  /**
   * A process that had too little memory.
   *
   * @param what what was said of it, and how much there was
   * @param where which key sets that
   */
  public static JobException outOfMemory(
      String what, String where, String remedy, Throwable cause) {
    return new OutOfMemoryException(what, where, remedy, cause);
  }

  /** A disk that Spark keeps its own files on: what it shuffles, and what memory does not hold. */
  public static JobException localDiskFull(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        "the disk is full that Spark keeps its own files on: " + reason,
        "spark.local.dir, or the environment variable SPARK_LOCAL_DIRS, which wins",
        "free space there, or name a folder on a larger disk (-- --conf spark.local.dir=FOLDER)",
        cause);
  }

  /** A local file system that does not take what is written to it. */
  public static JobException fileSystemFull(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        "a local file system cannot take what is written: " + reason,
        "curvature.output.path, curvature.fit.checkpoint or curvature.run.status",
        "free space there, or name a folder on a larger disk",
        cause);
  }

  /** What spark-submit was told, and Spark does not take. */
  public static JobException sparkOptions(String reason, Throwable cause) {
    return new JobException(
        ExitCode.CONFIGURATION,
        "Spark does not start: " + reason,
        "the options behind --",
        "correct them; --driver-memory and --executor-memory set heaps, of 450m at least",
        cause);
  }

  /** The folder of the result is not this run's any more. */
  public static JobException outputLost(String path, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        "the run has lost its output %s: another run has taken it over, or removed what this one wrote"
            .formatted(path),
        "curvature.output.path",
        "run it again; if another run has written its result there meanwhile, give each run a path of its own",
        cause);
  }

  /**
   * What was written is not there any more as it was written.
   *
   * @param difference which file, and how it differs
   */
  public static JobException outputChanged(String path, String difference) {
    return new JobException(
        ExitCode.CLUSTER,
        "the result at %s was changed before it was complete: %s".formatted(path, difference),
        "curvature.output.path",
        "run it again; look for what else removes or writes files there",
        null);
  }

  /** A result that was computed, and that its file system does not take. */
  public static JobException resultNotWritten(String path, String reason, Throwable cause) {
    return new JobException(
        ExitCode.CLUSTER,
        path + " cannot be written: " + reason,
        "curvature.output.path",
        "look at the folder's permissions, disk and quota, and at who else changes it",
        cause);
  }

  // ----------------------------------------------------------------

  /** Bytes as a person reads them. */
  public static String bytes(long bytes) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  private static String lines(List<String> rows) {
    return rows.stream()
        .map(row -> "\n    " + row.replace("\n", "\\n"))
        .collect(Collectors.joining());
  }
}

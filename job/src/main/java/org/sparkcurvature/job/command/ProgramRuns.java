package org.sparkcurvature.job.command;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.OutputConfig;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.result.Stages;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.sink.RunIdentity;
import org.sparkcurvature.job.source.GivenRows;
import org.sparkcurvature.job.source.OwnColumns;

/**
 * Runs the commands of programs: on the session of a data frame, with nothing printed, and with
 * files that are in memory.
 */
final class ProgramRuns {
  private static final String TEXT = "program";
  private static final String ROWS = "the rows of the data frame";

  private ProgramRuns() {}

  // ---- results in folders

  /** Writes the result of a command by a program into a folder, as the command would. */
  static Programs.Writing writing(RunContext run, String command, Consumer<RunContext> work) {
    return (path, overwrite) -> {
      Configuration hadoop = hadoop(run.session().spark());
      OutputConfig output =
          new OutputConfig(
              path,
              overwrite ? OutputMode.OVERWRITE : OutputMode.ERROR,
              run.configuration().output().format());
      RunIdentity identity =
          new RunIdentity(
              command, Fingerprint.of(run.parsedJob().loaded().resolved()), Versions.all());
      try (OutputFolder folder =
          OutputFolder.open(output, List.of(), identity, hadoop).orElseThrow()) {
        work.accept(run.into(folder));
      }
    };
  }

  /**
   * The same from the rows as they are: a folder has no columns of the program's own beside its
   * results.
   */
  static Programs.Writing writing(
      Dataset<Row> rows,
      String configuration,
      Purpose purpose,
      String command,
      Consumer<RunContext> work) {
    return (path, overwrite) ->
        run(
            rows,
            configuration,
            purpose,
            run -> {
              writing(run, command, work).into(path, overwrite);
              return path;
            });
  }

  private static Configuration hadoop(SparkSession spark) {
    return ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().newHadoopConf();
  }

  // ---- runs

  /**
   * The rows of a program.
   *
   * @param handedOn columns that per-sample outputs carry where the configuration names none
   * @param byGroups whether there may be a model for each group
   */
  record Given(GivenRows rows, List<String> handedOn, boolean byGroups) {
    /** Rows of which there is to be one model. */
    static Given of(Dataset<Row> rows) {
      return new Given(GivenRows.of(rows), List.of(), false);
    }
  }

  /**
   * A table of results by row, beside the columns of the program's own.
   *
   * @param reading how the rows are read
   * @param byGroups whether there may be a model for each group
   */
  static Dataset<Row> withOwnColumns(
      Dataset<Row> rows,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      GivenRows.Reading reading,
      boolean byGroups,
      Function<RunContext, Dataset<Row>> work) {
    OwnColumns own = new OwnColumns(rows, reading);
    return run(
        new Given(own.rows(), own.copies(), byGroups),
        configuration,
        files,
        purpose,
        run -> before(run, own, work.apply(run)));
  }

  /** Puts the program's own columns before a result, unless the configuration names columns. */
  static Dataset<Row> before(RunContext run, OwnColumns own, Dataset<Row> result) {
    return run.configuration().input().carry().equals(own.copies()) ? own.before(result) : result;
  }

  static <T> T run(
      Dataset<Row> rows, String configuration, Purpose purpose, Function<RunContext, T> work) {
    return run(Given.of(rows), configuration, Map.of(), purpose, work);
  }

  static <T> T run(
      Given given,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      Function<RunContext, T> work) {
    Terminal terminal = new Terminal(nowhere(), nowhere(), Map.of(), Style.PLAIN);
    return run(given, configuration, files, purpose, terminal, work);
  }

  static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  /**
   * Runs a command.
   *
   * @param configuration HOCON, with everything under the root {@code curvature}, and without what
   *     says where rows are and where results go
   * @param files that the configuration names, and that are in memory
   */
  static <T> T run(
      Given given,
      String configuration,
      Map<String, byte[]> files,
      Purpose purpose,
      Terminal terminal,
      Function<RunContext, T> work) {
    Compatibility.checkSpark();
    SparkSession spark = given.rows().rows().sparkSession();
    if (!(spark instanceof org.apache.spark.sql.classic.SparkSession)) {
      throw Errors.configuration(
          "the data frame is one of Spark Connect, where there is no executor to compute on",
          "the data frame",
          "take a session of its own (spark-submit, or a cluster of one user)");
    }
    if (spark.sparkContext().isStopped()) {
      throw Errors.configuration(
          "the session of the data frame was stopped", "the data frame", "read it anew");
    }
    Map<String, byte[]> known = new LinkedHashMap<>(files);
    known.put(TEXT, configuration.getBytes(StandardCharsets.UTF_8));
    HadoopUriReader others = new HadoopUriReader(() -> hadoop(spark));
    LoadedConfiguration loaded =
        new ConfigurationLoader(
                location ->
                    known.containsKey(location) ? known.get(location) : others.read(location),
                System.getenv(),
                LossModel::problems)
            .load(
                List.of(TEXT),
                List.of("input.table=\"" + ROWS + "\"", "output.path=\"nowhere\""),
                purpose)
            .reading(given.rows(), given.handedOn());
    if (given.rows().reading() != GivenRows.Reading.ONCE) {
      CommandRefusals.refuseKeptInvalidRows(loaded.configuration());
    }
    if (loaded.configuration().fit().groups().any() && !given.byGroups()) {
      throw Errors.configuration(
          "fit.by makes one model for each group, and this takes one for all rows",
          "curvature.fit.by",
          "call by(...) and then fit or estimate; or leave it out");
    }
    Stages stages = new Stages((stage, announcement) -> {}, System.currentTimeMillis());
    Session session = Session.of(spark);
    ParsedJob read = ParsedJob.read(terminal, loaded);
    boolean isStream =
        given.rows().reading() == GivenRows.Reading.ONCE && given.rows().rows().isStreaming();
    if (isStream && !read.isWrittenOut()) {
      throw Errors.configuration(
          "a formula, and a category without levels, takes a look at the rows, and these are a"
              + " stream",
          "curvature.model.formula",
          "fit it to rows that are there, or write the loss and the levels by hand");
    }
    ParsedJob parsedJob = read.writtenOut(spark, terminal, FormulaExpansion.Suiting.NOW);
    return work.apply(
        new RunContext(
            terminal,
            stages,
            parsedJob,
            Optional.empty(),
            session,
            TaskMetricsListener.none(spark.sparkContext(), terminal.progressLine())));
  }
}

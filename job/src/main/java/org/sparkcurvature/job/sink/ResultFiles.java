package org.sparkcurvature.job.sink;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.FSError;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.OutputFormat;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.StatisticsConfig;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.groups.GroupsSummary;
import org.sparkcurvature.job.infer.EstimateSummary;
import org.sparkcurvature.job.infer.InferSummary;
import org.sparkcurvature.job.predict.Effect;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.FitSummary;
import org.sparkcurvature.job.result.InfluenceSummary;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.SpectrumSummary;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * Writes the entries of a result into its folder. Every method fails with a {@link
 * org.sparkcurvature.job.errors.JobException} with exit code 5 where the file system refuses.
 */
public final class ResultFiles {
  /** The largest order of a matrix that is written as one square file. */
  public static final int LARGEST_SQUARE = 4096;

  private static final int BUFFER = 1 << 16;

  /** What a task may take to notice that its job has failed: it looks between two rows. */
  private static final Duration TASK_STOPS = Duration.ofSeconds(20);

  private final OutputFolder folder;

  public ResultFiles(OutputFolder folder) {
    this.folder = folder;
  }

  /** Something that writes a file. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** {@code config.conf}: the configuration as resolved, secrets masked. */
  public void configuration(String resolved) {
    write("config.conf", out -> out.write(resolved.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * {@code parameters.json}.
   *
   * @param values every parameter's elements, row-major
   * @param shapes every parameter's shape
   * @param notEstimated those that are marked as values that no fit found
   * @param held elements that the fit left out, by parameter
   * @param tensors of the model: the levels of those that are categorical are kept
   */
  public void parameters(
      Map<String, double[]> values,
      Map<String, Shape> shapes,
      ElementNames names,
      Set<String> notEstimated,
      Map<String, List<Integer>> held,
      Map<String, TensorConfig> tensors) {
    byte[] file = parametersAsFile(values, shapes, names, notEstimated, held, tensors);
    write("parameters.json", out -> out.write(file));
  }

  /** The same as a file would have it. */
  public static byte[] parametersAsFile(
      Map<String, double[]> values,
      Map<String, Shape> shapes,
      ElementNames names,
      Set<String> notEstimated,
      Map<String, List<Integer>> held,
      Map<String, TensorConfig> tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      Json.write(bytes, Json.parameters(values, shapes, names, notEstimated, held, tensors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** {@code report.html}. */
  public void report(String html) {
    write("report.html", out -> out.write(html.getBytes(StandardCharsets.UTF_8)));
  }

  /** {@code layout.json}. */
  public void layout(Layout layout, ElementNames names) {
    write("layout.json", out -> Json.write(out, Json.layout(layout, names)));
  }

  /** {@code summary.json}. */
  public void summary(RunSummary summary) {
    write("summary.json", out -> Json.write(out, Json.summary(summary)));
  }

  /**
   * {@code summary.json} of a run that found no rows.
   *
   * @param seconds where the time went, by stage
   */
  public void emptySummary(String command, Map<String, Double> seconds) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("command", command);
    summary.put("rows_read", 0);
    summary.put("rows_used", 0);
    summary.put("rows_rejected", 0);
    summary.put("timings_seconds", seconds);
    write("summary.json", out -> Json.write(out, summary));
  }

  /** {@code summary.json}, {@code history.json} and, of a path, {@code path.json} of a fit. */
  public void fit(FitSummary summary) {
    write("summary.json", out -> Json.write(out, FitJson.summary(summary)));
    write(
        "history.json",
        out -> Json.write(out, FitJson.history(summary.result().state().history())));
    if (!summary.path().isEmpty()) {
      write("path.json", out -> Json.write(out, FitJson.path(summary.path())));
    }
  }

  /**
   * {@code summary.json}, {@code estimates.json}, the table {@code estimates} and {@code
   * covariance.npy} of an inference.
   */
  public void infer(SparkSession spark, InferSummary summary, OutputFormat format) {
    write("summary.json", out -> Json.write(out, InferJson.summary(summary)));
    write("estimates.json", out -> Json.write(out, InferJson.estimates(summary)));
    table("estimates", EstimateTable.of(spark, summary.estimates()), format);
    estimateFiles(summary);
    write("covariance.npy", out -> Npy.write(out, summary.covariance()));
  }

  /** The table of estimates in the forms that are asked for. */
  private void estimateFiles(InferSummary summary) {
    summary
        .settings()
        .tables()
        .forEach(
            form ->
                write(
                    EstimateFiles.name(form),
                    out ->
                        out.write(
                            EstimateFiles.text(form, summary).getBytes(StandardCharsets.UTF_8))));
  }

  /** What {@link #fit} and {@link #infer} write, with one {@code summary.json}. */
  public void estimate(
      SparkSession spark, EstimateSummary summary, RunConfiguration configuration) {
    StatisticsConfig statistics = configuration.model().statistics();
    write(
        "summary.json",
        out ->
            Json.write(
                out, InferJson.summary(summary, statistics.family(), statistics.response())));
    write(
        "history.json",
        out -> Json.write(out, FitJson.history(summary.fit().result().state().history())));
    write("estimates.json", out -> Json.write(out, InferJson.estimates(summary.infer())));
    table(
        "estimates",
        EstimateTable.of(spark, summary.infer().estimates()),
        configuration.output().format());
    estimateFiles(summary.infer());
    write("covariance.npy", out -> Npy.write(out, summary.infer().covariance()));
  }

  /**
   * {@code summary.json}, {@code eigenvalues.npy} and {@code eigenvectors.npy} [k, P] of the
   * extreme ones, ascending as they are in the summary.
   */
  public void spectrum(SpectrumSummary summary) {
    write("summary.json", out -> Json.write(out, SpectrumJson.summary(summary)));
    vector("eigenvalues.npy", summary.eigenvalues());
    double[] rows =
        summary.extreme().stream().flatMapToDouble(pair -> Arrays.stream(pair.vector())).toArray();
    write(
        "eigenvectors.npy",
        out -> Npy.write(out, rows, summary.extreme().size(), summary.run().layout().length()));
  }

  /**
   * {@code summary.json} of predictions.
   *
   * @param rows how many predictions there are
   * @param input what became of the rows of the input
   * @param named expressions by the names of their columns
   */
  public void predictions(
      long rows,
      RunSummary.Rows input,
      Map<String, String> named,
      List<String> warnings,
      Map<String, Double> seconds) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("command", "predict");
    summary.put("rows", rows);
    Json.counts(summary, input);
    summary.put("predictions", named);
    summary.put("warnings", warnings);
    summary.put("timings_seconds", seconds);
    write("summary.json", out -> Json.write(out, summary));
  }

  /**
   * {@code effects.json}, the table {@code effects} and {@code summary.json} of effects.
   *
   * @param of what is averaged
   * @param input what became of the rows
   */
  public void effects(
      SparkSession spark,
      String of,
      List<Effect> effects,
      RunSummary.Rows input,
      List<String> warnings,
      OutputFormat format,
      Map<String, Double> seconds) {
    write("effects.json", out -> Json.write(out, EffectTable.json(of, effects)));
    table("effects", EffectTable.of(spark, effects), format);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("command", "effects");
    summary.put("of", of);
    summary.put("effects", effects.size());
    Json.counts(summary, input);
    summary.put("warnings", warnings);
    summary.put("timings_seconds", seconds);
    write("summary.json", out -> Json.write(out, summary));
  }

  /** {@code summary.json} of fits by groups. */
  public void groups(GroupsSummary summary) {
    write("summary.json", out -> Json.write(out, GroupsJson.summary(summary)));
  }

  /**
   * {@code summary.json} of influences on the parameters of groups.
   *
   * @param by the keys
   * @param largest the rows that matter most to their groups
   * @param input what became of the rows
   */
  public void groupInfluences(
      List<String> by,
      List<InfluenceSummary.Largest> largest,
      RunSummary.Rows input,
      List<String> warnings,
      Map<String, Double> seconds) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("command", "influence");
    summary.put("by", by);
    summary.put("on", "parameters");
    Map<String, Object> rows = new LinkedHashMap<>();
    largest.forEach(row -> rows.put(row.row(), row.value()));
    summary.put("largest", rows);
    Json.counts(summary, input);
    summary.put("warnings", warnings);
    summary.put("timings_seconds", seconds);
    write("summary.json", out -> Json.write(out, summary));
  }

  /** {@code summary.json} of influences. */
  public void influence(InfluenceSummary summary) {
    write("summary.json", out -> Json.write(out, InfluenceJson.summary(summary)));
  }

  /**
   * {@code gradient.npy} [P], {@code hessian_diagonal.npy} [P], and every square matrix under its
   * name: {@code hessian.npy} [P, P] up to P = 4096 and {@code hessian/*.parquet} always; {@code
   * ggn}, {@code opg} and {@code hessian_W} for the block of W likewise.
   */
  public void objective(Objective objective) {
    objective.gradient().ifPresent(gradient -> vector("gradient.npy", gradient));
    objective.hessianDiagonal().ifPresent(values -> vector("hessian_diagonal.npy", values));
    objective.matrices().forEach(this::matrix);
  }

  /**
   * A table, such as {@code per_sample}: as many files as the data set has partitions.
   *
   * @throws org.sparkcurvature.job.errors.JobException if computing or writing it fails; with exit
   *     code 2 if the format has no form for a column
   */
  public void table(String name, Dataset<Row> rows, OutputFormat format) {
    try {
      Failures.translateWriting(
          folder.entry(name).toString(),
          () -> {
            write(name, rows, format);
            return name;
          });
    } catch (RuntimeException | Error e) {
      RunningTasks.awaitEnd(rows.sparkSession().sparkContext(), TASK_STOPS);
      throw e;
    }
    finish(name);
  }

  /** Takes down, for the manifest, what a table consists of. */
  private void finish(String name) {
    try {
      folder.wrote(name);
    } catch (IOException | FSError e) {
      throw Errors.resultNotWritten(folder.entry(name).toString(), Failures.reason(e), e);
    }
  }

  private void write(String name, Dataset<Row> rows, OutputFormat format) {
    rows.write()
        .options(withoutDictionaries(rows.schema()))
        // Only the folder itself says whether the result is complete.
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", false)
        // A row of a Hessian may take megabytes, and Parquet would look at its memory after 100.
        .option(ParquetOutputFormat.MIN_ROW_COUNT_FOR_PAGE_SIZE_CHECK, 1)
        .mode(SaveMode.ErrorIfExists)
        .format(format.name().toLowerCase(Locale.ROOT))
        .save(folder.entry(name).toString());
  }

  /**
   * Arrays of results hold few numbers twice. Without a dictionary it is known beforehand what they
   * take at least: Parquet compresses them, and does nothing else to them.
   */
  private static Map<String, String> withoutDictionaries(StructType schema) {
    Map<String, String> options = new LinkedHashMap<>();
    for (StructField field : schema.fields()) {
      if (field.dataType() instanceof ArrayType array
          && array.elementType().equals(DataTypes.DoubleType)) {
        // In the form of Parquet's standard, and in that of spark.sql.parquet.writeLegacyFormat.
        for (String element : List.of(".list.element", ".array", ".bag.array")) {
          options.put(
              ParquetOutputFormat.ENABLE_DICTIONARY + "#" + field.name() + element, "false");
        }
      }
    }
    return options;
  }

  private void vector(String name, double[] values) {
    write(name, out -> Npy.write(out, values));
  }

  private void matrix(String name, SymmetricMatrix matrix) {
    if (matrix.order() <= LARGEST_SQUARE) {
      write(name + ".npy", out -> Npy.write(out, matrix));
    }
    try {
      Tiles.write(folder.entry(name), folder.configuration(), matrix);
      folder.wrote(name);
    } catch (IOException | FSError e) {
      throw Errors.resultNotWritten(folder.entry(name).toString(), Failures.reason(e), e);
    }
  }

  private void write(String name, Content content) {
    try (OutputStream out = new BufferedOutputStream(folder.create(name), BUFFER)) {
      content.writeTo(out);
    } catch (IOException | FSError e) { // Hadoop has an error of its own for a full disk.
      throw Errors.resultNotWritten(folder.entry(name).toString(), Failures.reason(e), e);
    }
  }
}

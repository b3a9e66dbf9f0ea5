package org.sparkcurvature;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.ProgramModel;
import org.sparkcurvature.job.command.Programs;
import org.sparkcurvature.job.command.RunOutcome;
import org.sparkcurvature.job.command.Versions;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.Problem;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.language.LanguageException;

/**
 * Exact derivatives of a loss over the rows of a data frame; fits, and estimates with their errors.
 *
 * <pre>{@code
 * Estimates e = Curvature.on(table)
 *     .formula("mdvis ~ lncoins + C(site)").family("poisson")
 *     .estimate("HC1");
 * e.table().show();
 * }</pre>
 *
 * <p>Keys, defaults and messages are those of configuration files (conf/reference.conf); results
 * are in memory. What is called works on the session of the data frame, and leaves it as it is:
 * nothing is stopped, set, cached or printed. It may be called from several threads. An object is
 * immutable: each method gives another one.
 *
 * <p>Every method that computes throws {@link CurvatureException}.
 */
public final class Curvature {
  private static final String OUTPUT = "output";
  private static final List<String> ELSEWHERE =
      List.of("input.path", "input.table", "input.sql", "input.format", "input.options", OUTPUT);

  private final Dataset<Row> table;
  private final String text;
  private final Map<String, String> values;

  private Curvature(Dataset<Row> table, String text, Map<String, String> values) {
    this.table = table;
    this.text = text;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * On a data frame. It is read once in each pass: cache it, or let the kept samples of a fit do,
   * which take the memory of executors that is free.
   *
   * @param table of a session that runs; no streaming one
   */
  public static Curvature on(Dataset<Row> table) {
    if (table == null) {
      throw refused("the data frame is null", "the data frame", "hand one over");
    }
    return new Curvature(table, "", Map.of());
  }

  /** The version of the jar; {@code development} where classes come from none. */
  public static String version() {
    return Versions.all().get("spark-curvature");
  }

  // ---- the configuration

  /**
   * Sets a key of the configuration.
   *
   * @param key its path without the root, such as {@code infer.covariance}
   * @param value a text, number or truth value, or a list or map of such
   */
  public Curvature set(String key, Object value) {
    refuseElsewhere(key);
    refuseNull(key, value);
    if (key.equals("input") && value instanceof Map<?, ?> block) {
      block.keySet().forEach(name -> refuseElsewhere("input." + name));
    }
    Map<String, String> changed = new LinkedHashMap<>(values);
    // A key that is there keeps its place: the order of parameters is that in which they are named.
    changed.keySet().removeIf(other -> other.startsWith(key + "."));
    changed.put(key, rendered(value));
    return new Curvature(table, text, changed);
  }

  private static void refuseNull(String key, Object value) {
    if (value == null) {
      throw refused("the value of " + key + " is null", "curvature." + key, "leave it out");
    }
    if (value instanceof Iterable<?> elements) {
      int at = 0;
      for (Object element : elements) {
        refuseNull(key + "[" + at + "]", element);
        at++;
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((name, element) -> refuseNull(key + "." + name, element));
    }
  }

  /**
   * Sets keys by their paths, as {@link #set} does.
   *
   * @param configuration by path without the root; later ones win
   */
  public Curvature configured(Map<String, ?> configuration) {
    Curvature changed = this;
    for (Map.Entry<String, ?> entry : configuration.entrySet()) {
      changed = changed.set(entry.getKey(), entry.getValue());
    }
    return changed;
  }

  /**
   * Adds a configuration as a file has it.
   *
   * @param hocon with everything under the root {@code curvature}; without {@code input.path} and
   *     the like, and without {@code output}
   */
  public Curvature configured(String hocon) {
    refuseKeysElsewhere(hocon);
    String added = hocon.strip();
    if (added.startsWith("{") && added.endsWith("}")) {
      added = added.substring(1, added.length() - 1); // JSON, which has braces around it
    }
    return new Curvature(table, text + "\n" + added, values);
  }

  private static void refuseKeysElsewhere(String hocon) {
    Config written;
    try {
      written = ConfigFactory.parseString(hocon);
    } catch (ConfigException e) {
      return; // said with its line when it is read
    }
    ELSEWHERE.stream()
        .filter(key -> written.hasPath("curvature." + key))
        .forEach(Curvature::refuseElsewhere);
  }

  /** Refuses keys that say where rows are and where results go. */
  private static void refuseElsewhere(String key) {
    for (String elsewhere : ELSEWHERE) {
      if (key.equals(elsewhere) || key.startsWith(elsewhere + ".")) {
        boolean output = elsewhere.equals(OUTPUT);
        throw refused(
            output
                ? "results stay in memory, and " + key + " says where they go"
                : "rows come from the data frame, and " + key + " says where others are",
            "curvature." + key,
            output ? "leave it out" : "leave it out, or read these into a data frame");
      }
    }
  }

  /** {@code model.formula}: {@code "response ~ terms"}. */
  public Curvature formula(String formula) {
    return set("model.formula", formula);
  }

  /** {@code model.family}, by name. */
  public Curvature family(String name) {
    return set("model.family", name);
  }

  /** A further linear predictor: {@code model.predictors}. */
  public Curvature predictor(String name, String terms) {
    return set("model.predictors." + name, terms);
  }

  /**
   * An input tensor.
   *
   * @param name in the loss
   * @param columns columns or Spark SQL expressions: one for a scalar or an array, several for a
   *     vector of them
   */
  public Curvature tensor(String name, String... columns) {
    return tensor(name, Arrays.asList(columns));
  }

  /** As the other one. */
  public Curvature tensor(String name, List<String> columns) {
    refuseNull("input.tensors." + name, columns);
    return set("input.tensors." + name, columns.size() == 1 ? columns.get(0) : columns);
  }

  /** A scalar parameter that begins at a value. */
  public Curvature parameter(String name, double value) {
    return set("model.parameters." + name, value);
  }

  /** A vector of parameters that begin at values. */
  public Curvature parameter(String name, double[] values) {
    return set("model.parameters." + name + ".value", Arrays.stream(values).boxed().toList());
  }

  /** A parameter of the shape of a tensor, whose elements are called as the tensor's; all 0. */
  public Curvature parameterLike(String name, String tensor) {
    return set("model.parameters." + name + ".labels", tensor)
        .set("model.parameters." + name + ".fill", 0.0);
  }

  /**
   * Parameters at values, such as those of {@link Fit#parameters}: where a fit begins, and what
   * {@link #infer} and {@link #derive} are about.
   *
   * @param parameters elements, row-major, by name
   */
  public Curvature at(Map<String, double[]> parameters) {
    Curvature changed = this;
    for (Map.Entry<String, double[]> entry : parameters.entrySet()) {
      String key = "model.parameters." + entry.getKey();
      refuseNull(key, entry.getValue());
      boolean scalar =
          entry.getValue().length == 1
              && (changed.values.containsKey(key) || isNumberInText("curvature." + key));
      Map<String, String> rest = new LinkedHashMap<>(changed.values);
      rest.keySet().removeAll(List.of(key + ".fill", key + ".normal"));
      if (!scalar) {
        rest.remove(key);
        for (String other : List.of(".fill", ".normal")) {
          if (!text.isEmpty()) {
            rest.put(key + other, "null"); // the text may say it
          }
        }
      }
      changed = new Curvature(table, text, rest);
      changed =
          scalar
              ? changed.set(key, entry.getValue()[0])
              : changed.parameter(entry.getKey(), entry.getValue());
    }
    return changed;
  }

  private boolean isNumberInText(String key) {
    try {
      Config written = ConfigFactory.parseString(text);
      return written.hasPath(key) && written.getValue(key).valueType() == ConfigValueType.NUMBER;
    } catch (ConfigException e) {
      return false; // said with its line when it is read
    }
  }

  /** A named intermediate. */
  public Curvature define(String name, String expression) {
    return set("model.define." + name, expression);
  }

  /** One row's loss. */
  public Curvature loss(String expression) {
    return set("model.loss", expression);
  }

  /** One row's negative log-likelihood: a loss with which standard errors can be had. */
  public Curvature negativeLogLikelihood(String expression) {
    return loss(expression).set("model.likelihood", true);
  }

  /** Which rows are read: a Spark SQL condition. */
  public Curvature where(String condition) {
    return set("input.where", condition);
  }

  /** The weight of a row: a column or expression. */
  public Curvature weight(String column) {
    return set("input.weight", column);
  }

  /** Clusters of rows, for the covariances {@code cluster} and {@code CR2}. */
  public Curvature groups(String... columns) {
    return set("infer.groups", Arrays.asList(columns));
  }

  /**
   * One model for each of many groups.
   *
   * @param keys columns or Spark SQL expressions whose values tell groups apart
   */
  public ByGroups by(String... keys) {
    return new ByGroups(set("fit.by", Arrays.asList(keys)));
  }

  /** A model of which each group of rows has its own. Immutable. */
  public static final class ByGroups {
    private final Curvature model;

    private ByGroups(Curvature model) {
      this.model = model;
    }

    /** Sets a key of the configuration, as {@link Curvature#set} does. */
    public ByGroups set(String key, Object value) {
      return new ByGroups(model.set(key, value));
    }

    /** Fits, with the covariance of the configuration. Computed when the table is read. */
    public GroupEstimates estimate() {
      return translated(() -> new GroupEstimates(Programs.groups(model.table, model.hocon())));
    }

    /**
     * Fits.
     *
     * @param covariance {@code nonrobust}, {@code HC0} to {@code HC3}, {@code cluster} or {@code
     *     opg}
     */
    public GroupEstimates estimate(String covariance) {
      return set("infer.covariance", covariance).estimate();
    }
  }

  // ---- results

  /** Fits, and infers with the covariance of the configuration. */
  public Estimates estimate() {
    return translated(() -> new Estimates(table.sparkSession(), Programs.estimate(table, hocon())));
  }

  /**
   * Fits and infers.
   *
   * @param covariance {@code nonrobust}, {@code HC0} to {@code HC3}, {@code cluster}, {@code CR2}
   *     or {@code opg}
   */
  public Estimates estimate(String covariance) {
    return set("infer.covariance", covariance).estimate();
  }

  /** What can be said of parameters that are the minimum already. */
  public Estimates infer() {
    return translated(() -> new Estimates(table.sparkSession(), Programs.infer(table, hocon())));
  }

  /** Minimises. */
  public Fit fit() {
    return translated(() -> new Fit(Programs.fit(table, hocon())));
  }

  /**
   * Differentiates by parameters or input tensors.
   *
   * @param wrt their names; none: all parameters
   */
  public Derivatives derive(String... wrt) {
    Curvature asked = wrt.length == 0 ? this : set("derive.wrt", Arrays.asList(wrt));
    return translated(() -> new Derivatives(Programs.derive(table, asked.hocon())));
  }

  /**
   * Differentiates row by row, without sums: the columns of the table's own, then {@code row} and
   * what {@code derive.per-sample} asks for. Computed in one pass when the data frame is, and of a
   * stream as a stream.
   *
   * @param wrt names of parameters or input tensors; none: the only parameter
   */
  public Dataset<Row> perSample(String... wrt) {
    String rowByRow = rowByRow(wrt);
    return translated(() -> Programs.perSample(table, rowByRow));
  }

  /**
   * As the other one: the columns of the table's own, then results under names of one's own.
   *
   * @param named what results are called, by their names ({@code gradient}); others are left out
   */
  public Dataset<Row> perSample(Map<String, String> named, String... wrt) {
    String rowByRow = rowByRow(wrt);
    return translated(() -> Programs.perSample(table, rowByRow, new LinkedHashMap<>(named)));
  }

  private String rowByRow(String... wrt) {
    Curvature asked = wrt.length == 0 ? this : set("derive.wrt", Arrays.asList(wrt));
    return asked
        .set("derive.global", Map.of("value", false, "gradient", false, "hessian", "none"))
        .hocon();
  }

  /**
   * Computes eigenvalues of the Hessian at the parameters, and from them whether the point is a
   * minimum. The block {@code spectrum} of the configuration chooses which eigenvalues.
   */
  public Spectrum spectrum() {
    return translated(() -> new Spectrum(Programs.spectrum(table, hocon())));
  }

  /**
   * What leaving each row out would do to the parameters, which are the minimum already, or to what
   * {@code influence.on} names.
   */
  public Influences influence() {
    return translated(() -> new Influences(Programs.influence(table, hocon())));
  }

  /**
   * What the configuration means, as the command prints it: the graph with its shapes, formulas,
   * plans, memory, and derivatives beside differences at a few rows.
   */
  public String check() {
    return translated(() -> Programs.check(table, hocon()));
  }

  static void write(Programs.Writing writing, String path, String mode) {
    if (!mode.equals("error") && !mode.equals("overwrite")) {
      throw refused("there is no mode " + mode, "mode", "take error or overwrite");
    }
    translated(
        () -> {
          writing.into(path, mode.equals("overwrite"));
          return path;
        });
  }

  static Dataset<Row> predict(Dataset<Row> rows, Programs.Grouped groups, Map<String, ?> options) {
    return translated(
        () ->
            Programs.predictByGroups(
                rows, groups.model(), groups.table(), options("predict", options)));
  }

  static Dataset<Row> predict(Dataset<Row> rows, ProgramModel model, Map<String, ?> options) {
    return translated(() -> Programs.predict(rows, model, options("predict", options)));
  }

  /**
   * What a saved model says of rows: for Spark ML.
   *
   * @param model as {@link Estimates#modelAsJson} gave it
   * @param options by their paths without the root
   */
  public static Dataset<Row> predictWith(Dataset<Row> rows, String model, Map<String, ?> options) {
    return translated(() -> Programs.predict(rows, model(model), byPaths(options)));
  }

  /**
   * What the saved models of groups say of rows: for Spark ML.
   *
   * @param model as {@link GroupEstimates#modelAsJson} gave it
   * @param table of their estimates
   * @param options by their paths without the root
   */
  public static Dataset<Row> predictWith(
      Dataset<Row> rows, String model, Dataset<Row> table, Map<String, ?> options) {
    return translated(() -> Programs.predictByGroups(rows, model(model), table, byPaths(options)));
  }

  private static String byPaths(Map<String, ?> options) {
    Map<String, String> values = new LinkedHashMap<>();
    options.forEach((key, value) -> values.put(key, rendered(value)));
    return block(values);
  }

  private static ProgramModel model(String json) {
    try {
      return ProgramModel.of(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Effects effects(Dataset<Row> rows, ProgramModel model, Map<String, ?> options) {
    return translated(
        () ->
            new Effects(
                rows.sparkSession(), Programs.effects(rows, model, options("effects", options))));
  }

  /** Keys of a block; {@code level} is that of {@code infer}. */
  private static String options(String block, Map<String, ?> options) {
    Map<String, String> values = new LinkedHashMap<>();
    options.forEach(
        (key, value) -> {
          refuseNull(block + "." + key, value);
          values.put(key.equals("level") ? "infer.level" : block + "." + key, rendered(value));
        });
    return block(values);
  }

  private static String rendered(Object value) {
    return ConfigValueFactory.fromAnyRef(value).render(ConfigRenderOptions.concise());
  }

  /** The configuration as a file would have it. */
  String hocon() {
    return text + "\n" + block(values);
  }

  private static String block(Map<String, String> values) {
    StringBuilder hocon = new StringBuilder("curvature {\n");
    values.forEach(
        (key, value) ->
            hocon.append("  ").append(path(key)).append(" = ").append(value).append('\n'));
    return hocon.append("}\n").toString();
  }

  /** Keys are plain, and names of parameters may be anything. */
  private static String path(String key) {
    List<String> parts = new ArrayList<>();
    for (String part : key.split("\\.", -1)) {
      parts.add(part.matches("[A-Za-z0-9_-]+") ? part : ConfigUtil.quoteString(part));
    }
    return String.join(".", parts);
  }

  // ---- errors

  private static CurvatureException refused(String what, String where, String remedy) {
    return translated(Errors.configuration(what, where, remedy));
  }

  private static CurvatureException translated(JobException e) {
    return new CurvatureException(e.exitCode().code(), e.what(), e.where(), e.remedy(), e);
  }

  static <T> T translated(Supplier<T> work) {
    try {
      return work.get();
    } catch (JobException e) {
      throw translated(e);
    } catch (ConfigurationException e) {
      Problem first = e.problems().get(0);
      throw new CurvatureException(2, e.getMessage(), first.path(), first.remedy(), e);
    } catch (LanguageException e) {
      throw new CurvatureException(2, e.getMessage(), "", "", e);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      // Scala code throws checked exceptions without saying so.
      throw translated(e);
    }
  }

  /** What Spark, Java or a defect of this program throws, as the command would tell it. */
  private static CurvatureException translated(Throwable e) {
    if (Failures.understand(e) instanceof JobException known) {
      return translated(known);
    }
    RunOutcome outcome = RunOutcome.of(e);
    return new CurvatureException(outcome.exitCode(), outcome.message(), "", "", e);
  }
}

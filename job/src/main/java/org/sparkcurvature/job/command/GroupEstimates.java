package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.PredictConfig;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.groups.GroupTable;
import org.sparkcurvature.job.groups.Status;
import org.sparkcurvature.job.predict.GroupCovariance;
import org.sparkcurvature.job.predict.Undetermined;
import org.sparkcurvature.job.source.GivenRows;
import org.sparkcurvature.job.source.KeyTexts;
import org.sparkcurvature.job.source.KeyedRows;
import org.sparkcurvature.job.source.LiteralPath;
import org.sparkcurvature.job.source.Quoted;
import org.sparkcurvature.job.source.Source;

/**
 * Rows joined with the estimates of their groups. A row's parameters are input tensors then, so
 * that predictions, effects and influences of the row are computed at its own group's estimates.
 *
 * @param configuration for rows with their groups' estimates
 * @param layout of the parameters that each group has of its own
 * @param drops whether a group may not tell some of them
 */
record GroupEstimates(RunConfiguration configuration, Layout layout, boolean drops) {
  /**
   * Fits by groups.
   *
   * @param from where they are, for messages
   * @param layout of the parameters that were estimated
   * @param table of estimates, in either layout
   * @param covariances what rows are to have of its covariances
   */
  record Fitted(String from, Layout layout, Dataset<Row> table, Wanted covariances) {
    /** What rows are to have. */
    enum Wanted {
      NONE,
      /** They are inverse Hessians, of which influences are made. */
      INVERSES,
      /** They are those of the estimates, of which intervals are made. */
      OF_ESTIMATES
    }

    /** Estimates without covariances. */
    Fitted(String from, Layout layout, Dataset<Row> table) {
      this(from, layout, table, Wanted.NONE);
    }

    boolean hasCovariances() {
      return covariances != Wanted.NONE;
    }

    /** The same, for predictions with intervals where these are asked for. */
    Fitted forPredictions(RunConfiguration configuration) {
      if (configuration.predict().interval() == PredictConfig.Interval.NONE) {
        return this;
      }
      refuseStudent(configuration, "intervals of predictions");
      refuseWithoutCovariances("predictions have intervals");
      return new Fitted(from, layout, table, Wanted.OF_ESTIMATES);
    }

    private static void refuseStudent(RunConfiguration configuration, String what) {
      if (configuration.infer().reference() == ReferenceDistribution.T) {
        throw Errors.configuration(
            what + " by groups are compared with a normal distribution, not with t",
            "curvature.infer.reference",
            "set it to normal");
      }
    }

    /**
     * @param needed what needs covariances, as a clause
     */
    private void refuseWithoutCovariances(String needed) {
      if (!Arrays.asList(table.columns()).contains("covariance")) {
        throw Errors.configuration(
            needed + ", and the fit by groups kept no covariances",
            "curvature.fit.by-covariance",
            "fit with fit.by-covariance = true (and by-layout = wide)");
      }
    }
  }

  /** The column that says what became of a row's group. */
  static final String STATUS = "group_status";

  private static final String UNSEEN = "unseen";
  private static final String FROM = "curvature.predict.covariance-from";
  private static final String OWN_STATUS = "__group_status";
  private static final String ESTIMATES = "__group_estimates";
  private static final String UNDETERMINED = "__group_undetermined";
  private static final String COVARIANCE = "__group_covariance";
  private static final String KEY = "__group_key_";

  /**
   * Joins rows with the estimates of their groups.
   *
   * @param known the fits; empty: those of the folder which is configured
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if there are no such
   *     estimates, or keys are of other types; with 3 if a row's group is unseen and that ends the
   *     run
   */
  static GroupEstimates of(RunContext run, Optional<Fitted> known) {
    RunConfiguration configuration = run.configuration();
    GroupsConfig groups = configuration.fit().groups();
    Fitted fitted = known.orElseGet(() -> read(run));
    Layout layout = fitted.layout();
    InputConfig input = configuration.input();
    Dataset<Row> rows = Source.rows(run.session().spark(), input);
    List<Column> keys = KeyedRows.columns(rows, groups.by());
    Dataset<Row> estimates = estimates(fitted, KeyedRows.names(groups.by()));
    refuseOtherTypes(rows, keys, estimates, groups.by());
    Dataset<Row> keyed = rows;
    Column same = functions.lit(true);
    for (int k = 0; k < keys.size(); k++) {
      keyed = keyed.withColumn(KEY + "own_" + k, keys.get(k));
      same = same.and(functions.col(KEY + "own_" + k).eqNullSafe(functions.col(KEY + k)));
    }
    String[] added =
        IntStream.range(0, keys.size())
            .boxed()
            .flatMap(k -> List.of(KEY + "own_" + k, KEY + k).stream())
            .toArray(String[]::new);
    Dataset<Row> joined =
        keyed
            .join(estimates, same, "left_outer")
            .drop(added)
            .withColumn(
                OWN_STATUS, functions.coalesce(functions.col(OWN_STATUS), functions.lit(UNSEEN)));
    PredictConfig.UnseenGroups unseen = configuration.predict().unseenGroups();
    if (unseen == PredictConfig.UnseenGroups.FAIL) {
      refuseUnseen(joined);
    }
    joined =
        joined.withColumn(
            ESTIMATES,
            functions.coalesce(
                functions.when(
                    functions.col(OWN_STATUS).equalTo(Status.CONVERGED.toString()),
                    functions.expr("transform(" + ESTIMATES + ", e -> coalesce(e, 0.0D))")),
                array(
                    unseen == PredictConfig.UnseenGroups.POOLED
                        ? pooled(configuration, layout)
                        : new double[layout.length()])));
    if (fitted.hasCovariances()) {
      joined =
          joined.withColumn(
              COVARIANCE,
              functions.when(
                  functions.col(OWN_STATUS).equalTo(Status.CONVERGED.toString()),
                  functions.col(COVARIANCE)));
    }
    Map<String, TensorConfig> tensors = new LinkedHashMap<>(input.tensors());
    Map<String, ParameterConfig> parameters =
        new LinkedHashMap<>(configuration.model().parameters());
    for (Layout.Entry entry : layout.entries()) {
      parameters.remove(entry.name());
      tensors.put(entry.name(), tensor(entry));
    }
    ModelConfig model = configuration.model();
    ModelConfig changed =
        new ModelConfig(
            parameters,
            model.definitions(),
            model.loss(),
            Optional.empty(),
            model.likelihood(),
            model.statistics(),
            Optional.empty(),
            model.collinear(),
            model.encodings());
    List<String> carried = new ArrayList<>(List.of(OWN_STATUS));
    boolean drops = Arrays.asList(joined.columns()).contains(UNDETERMINED);
    if (drops && fitted.covariances() != Fitted.Wanted.INVERSES) {
      carried.add(UNDETERMINED);
    }
    if (fitted.hasCovariances()) {
      carried.add(COVARIANCE);
    }
    return new GroupEstimates(
        configuration.with(input.joined(read(input, joined), tensors, carried), changed),
        layout,
        drops);
  }

  /** Predictions with nothing where there is none, and what became of each row's group. */
  Dataset<Row> of(Dataset<Row> table, List<String> predicted) {
    boolean pooled = configuration.predict().unseenGroups() == PredictConfig.UnseenGroups.POOLED;
    Column has = functions.col(OWN_STATUS).equalTo(Status.CONVERGED.toString());
    if (pooled) {
      has = has.or(functions.col(OWN_STATUS).equalTo(UNSEEN));
    }
    List<Column> columns = new ArrayList<>();
    for (String name : table.columns()) {
      Column column = Quoted.column(name);
      if (List.of(OWN_STATUS, UNDETERMINED, COVARIANCE).contains(name)) {
        continue;
      }
      columns.add(predicted.contains(name) ? functions.when(has, column).as(name) : column);
    }
    columns.add(functions.col(OWN_STATUS).as(STATUS));
    return table.select(columns.toArray(Column[]::new));
  }

  /** What predictions of rows need to tell that their groups do not determine them. */
  Undetermined undetermined(List<String> wrt) {
    return drops ? new Undetermined(UNDETERMINED, places(layout, wrt)) : Undetermined.NONE;
  }

  /** The covariances of rows' own estimates, for intervals of predictions. */
  GroupCovariance covariance(List<String> wrt) {
    return ofRows(layout, wrt);
  }

  private static GroupCovariance ofRows(Layout layout, List<String> wrt) {
    return new GroupCovariance(COVARIANCE, layout.length(), places(layout, wrt));
  }

  /** The groups' parameters that rows have tensors of, in the order of estimates. */
  List<String> wrt(RowModel rows) {
    return wrt(layout, rows);
  }

  private static List<String> wrt(Layout layout, RowModel rows) {
    Set<String> tensors = rows.source().shapes().keySet();
    return layout.entries().stream().map(Layout.Entry::name).filter(tensors::contains).toList();
  }

  private static int[] places(Layout layout, List<String> parameters) {
    return parameters.stream()
        .map(layout::entry)
        .flatMapToInt(
            entry -> IntStream.range(entry.offset(), entry.offset() + entry.shape().size()))
        .toArray();
  }

  /**
   * Rows of groups that have estimates, with these, and the estimates' covariances.
   *
   * @param configuration of the joined rows, with the keys added to {@code effects.by}
   * @param layout of the parameters
   * @param keys how many there are
   * @param covariances packed upper triangles over all parameters, by the keys' texts
   * @param undetermined likewise: a direction in which a group's rows do not tell the parameters;
   *     no entry where they tell all
   */
  record Covariances(
      RunConfiguration configuration,
      Layout layout,
      int keys,
      Map<List<String>, double[]> covariances,
      Map<List<String>, double[]> undetermined)
      implements EffectsCommand.Estimated {

    @Override
    public List<String> wrt(RowModel rows) {
      return GroupEstimates.wrt(layout, rows);
    }

    @Override
    public double[] undetermined(RowModel rows, List<String> group) {
      double[] whole = undetermined.get(key(group));
      return whole == null
          ? new double[0]
          : Arrays.stream(places(layout, wrt(rows))).mapToDouble(k -> whole[k]).toArray();
    }

    @Override
    public double[] covariance(RowModel rows, List<String> group) {
      double[] packed = covariances.get(key(group));
      return ofRows(layout, wrt(rows)).square(k -> packed[k]);
    }

    /** The keys among the values that lines are by: the last ones. */
    private List<String> key(List<String> group) {
      return group.subList(group.size() - keys, group.size());
    }
  }

  /**
   * Joins rows with the estimates of their groups, and reads the covariances.
   *
   * @throws org.sparkcurvature.job.errors.JobException as {@link #of}, and with exit code 2 if the
   *     fit kept no covariances
   */
  static Covariances withCovariances(RunContext run) {
    Fitted fitted = read(run);
    Fitted.refuseStudent(run.configuration(), "effects");
    fitted.refuseWithoutCovariances("effects have standard errors");
    GroupsConfig groups = run.configuration().fit().groups();
    List<String> names = KeyedRows.names(groups.by());
    List<Column> columns = new ArrayList<>();
    names.forEach(
        name -> {
          DataType type = fitted.table().schema().apply(name).dataType();
          columns.add(KeyTexts.of(Quoted.column(name), type).cast("string"));
        });
    columns.add(functions.col("covariance"));
    boolean drops = Arrays.asList(fitted.table().columns()).contains("undetermined");
    columns.add(drops ? functions.col("undetermined") : functions.lit(null).as("undetermined"));
    Map<List<String>, double[]> undetermined = new HashMap<>();
    Map<List<String>, double[]> covariances = new HashMap<>();
    Failures.translate(
            () ->
                fitted
                    .table()
                    .filter(functions.col("status").equalTo(Status.CONVERGED.toString()))
                    .select(columns.toArray(Column[]::new))
                    .collectAsList())
        .forEach(
            row -> {
              List<String> key = new ArrayList<>();
              for (int k = 0; k < names.size(); k++) {
                key.add(row.getString(k));
              }
              covariances.put(key, numbers(row, names.size()));
              if (!row.isNullAt(names.size() + 1)) {
                undetermined.put(key, numbers(row, names.size() + 1));
              }
            });
    GroupEstimates joined = of(run, Optional.of(fitted));
    InputConfig input = joined.configuration().input();
    Dataset<Row> converged =
        ((GivenRows) input.source())
            .rows()
            .filter(functions.col(OWN_STATUS).equalTo(Status.CONVERGED.toString()));
    RunConfiguration configuration =
        joined
            .configuration()
            .with(
                input.joined(read(input, converged), input.tensors(), List.of()),
                joined.configuration().model());
    return new Covariances(
        configuration.with(
            configuration
                .effects()
                .by(groups.by().stream().map(TensorConfig::withoutAlias).toList())),
        fitted.layout(),
        names.size(),
        covariances,
        undetermined);
  }

  /** An array of a row, 0 for what is null in it. */
  private static double[] numbers(Row row, int column) {
    return row.<Double>getList(column).stream()
        .mapToDouble(element -> element == null ? 0 : element)
        .toArray();
  }

  /** Rows made of those of an input, that are read as these are. */
  private static GivenRows read(InputConfig input, Dataset<Row> rows) {
    return input.source() instanceof GivenRows given && given.reading() == GivenRows.Reading.ONCE
        ? given.with(rows)
        : new GivenRows(rows, GivenRows.Reading.CACHED);
  }

  /** The parameters that were estimated in each group. */
  private static Layout layout(String folder) {
    String place = folder.endsWith("/") ? folder : folder + "/";
    try {
      return ProgramModel.layout(
          new ObjectMapper()
              .readTree(new HadoopUriReader(Session::hadoop).read(place + "layout.json")));
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.configuration(
          "there are no estimates by groups at " + folder + " (" + Failures.reason(e) + ")",
          FROM,
          "name a folder that fit or estimate wrote with fit.by");
    }
  }

  /** Reads what a fit by groups wrote. */
  static Fitted read(RunContext run) {
    String folder =
        run.configuration()
            .predict()
            .covarianceFrom()
            .or(() -> run.configuration().effects().covarianceFrom())
            .orElseThrow(
                () ->
                    Errors.configuration(
                        "predictions of fits by groups need their estimates",
                        FROM,
                        "name the folder of the fit: --from out/estimate"));
    String place = folder.endsWith("/") ? folder : folder + "/";
    Layout layout = layout(folder);
    Dataset<Row> table =
        Failures.translate(
            () ->
                LiteralPath.read(
                    run.session().spark(),
                    run.configuration().output().format(),
                    place + "estimates"));
    return new Fitted(folder, layout, table);
  }

  /** A row for each group: keys, status, estimates. */
  private static Dataset<Row> estimates(Fitted fitted, List<String> keys) {
    Dataset<Row> table = fitted.table();
    List<String> columns = Arrays.asList(table.columns());
    if (!columns.containsAll(keys) || !columns.contains("status")) {
      throw Errors.configuration(
          "the estimates at %s are not by %s".formatted(fitted.from(), String.join(", ", keys)),
          FROM,
          "name a folder that fit or estimate wrote with this fit.by");
    }
    List<Column> selected = new ArrayList<>();
    for (int k = 0; k < keys.size(); k++) {
      selected.add(Quoted.column(keys.get(k)).as(KEY + k));
    }
    Column[] names = selected.toArray(Column[]::new);
    boolean drops = columns.contains("undetermined");
    if (columns.contains("index")) {
      Column found = GroupTable.inOrder("index", "estimate").as(ESTIMATES);
      Column[] more =
          drops
              // null where the group tells all
              ? new Column[] {
                found,
                functions
                    .when(
                        functions.count(functions.col("undetermined")).gt(0),
                        GroupTable.inOrder("index", "undetermined"))
                    .as(UNDETERMINED)
              }
              : new Column[] {found};
      return table.groupBy(names).agg(functions.first("status").as(OWN_STATUS), more);
    }
    selected.add(functions.col("status").as(OWN_STATUS));
    selected.add(functions.col("estimate").as(ESTIMATES));
    if (drops) {
      selected.add(functions.col("undetermined").as(UNDETERMINED));
    }
    if (fitted.hasCovariances()) {
      selected.add(functions.col("covariance").as(COVARIANCE));
    }
    return table.select(selected.toArray(Column[]::new));
  }

  private static void refuseOtherTypes(
      Dataset<Row> rows, List<Column> keys, Dataset<Row> estimates, List<String> by) {
    for (int k = 0; k < keys.size(); k++) {
      DataType own = rows.select(keys.get(k)).schema().fields()[0].dataType();
      DataType fitted = estimates.schema().apply(KEY + k).dataType();
      if (!own.sameType(fitted)) {
        throw Errors.configuration(
            "the key %s is of the type %s, and was %s in the fit"
                .formatted(by.get(k), own.simpleString(), fitted.simpleString()),
            "curvature.fit.by",
            "make the types equal, as by input.sql, or say the columns' types where the rows are read");
      }
    }
  }

  private static void refuseUnseen(Dataset<Row> joined) {
    if (joined.isStreaming()) {
      throw Errors.configuration(
          "whether rows are of unseen groups is not known before they come, and these are a stream",
          "curvature.predict.unseen-groups",
          "set it to null or pooled");
    }
    long unseen =
        Failures.translate(() -> joined.filter(functions.col(OWN_STATUS).equalTo(UNSEEN)).count());
    if (unseen > 0) {
      throw Errors.data(
          "%,d rows are of groups that the fit has not seen".formatted(unseen),
          "curvature.predict.unseen-groups",
          "leave such rows out with curvature.input.where, or set it to null or pooled");
    }
  }

  /** The estimates from all rows together, with which the fits of groups began. */
  private static double[] pooled(RunConfiguration configuration, Layout layout) {
    if (configuration.fit().groups().start() != GroupsConfig.Start.POOLED) {
      throw Errors.configuration(
          "the fit has no estimates from all rows together",
          "curvature.predict.unseen-groups",
          "fit with fit.start = pooled, or set it to null");
    }
    double[] values = new double[layout.length()];
    for (Layout.Entry entry : layout.entries()) {
      double[] own =
          configuration
              .model()
              .parameters()
              .get(entry.name())
              .initial()
              .rowMajor(entry.shape().size());
      System.arraycopy(own, 0, values, entry.offset(), own.length);
    }
    return values;
  }

  private static Column array(double[] values) {
    return functions.array(Arrays.stream(values).mapToObj(functions::lit).toArray(Column[]::new));
  }

  private static TensorConfig tensor(Layout.Entry entry) {
    String text =
        entry.shape().isScalar()
            ? "%s[%d]".formatted(ESTIMATES, entry.offset())
            : "slice(%s, %d, %d)".formatted(ESTIMATES, entry.offset() + 1, entry.shape().size());
    return new TensorConfig.Single(text, Optional.of(entry.shape()));
  }
}

package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.EffectsConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.infer.Estimate;
import org.sparkcurvature.job.page.EffectsPage;
import org.sparkcurvature.job.predict.Effect;
import org.sparkcurvature.job.predict.EffectSums;
import org.sparkcurvature.job.predict.Undetermined;
import org.sparkcurvature.job.report.EffectsReport;
import org.sparkcurvature.job.report.Report;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.Source;

/** {@code effects}: averages over rows of what a fitted model says, with standard errors. */
public final class EffectsCommand {
  private static final int LEVELS_SHOWN = 20;

  private static final String COVARIANCE = "curvature.effects.covariance-from";
  private static final String OF = "effect_of__";

  private final Terminal terminal;

  public EffectsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong; nothing complete is left then
   */
  public void run(List<String> configurations, List<String> settings) {
    RunContext.run(
        terminal, "effects", Purpose.ESTIMATION, configurations, settings, EffectsCommand::effects);
  }

  /** Averages by group, with the parameters that they depend on. */
  private record Averages(Map<List<String>, EffectSums.Group> groups, RowModel rows) {}

  private static Optional<String> effects(RunContext run) {
    Found found = compute(run, Optional.empty());
    ResultFiles files = new ResultFiles(run.folder());
    files.configuration(run.parsedJob().loaded().resolved());
    files.effects(
        run.session().spark(),
        found.of(),
        found.effects(),
        found.input(),
        found.warnings(),
        run.configuration().output().format(),
        run.stages().seconds());
    run.page(
        "effects",
        Optional.of(found.input()),
        (double) found.input().used(),
        Optional.empty(),
        found.warnings(),
        EffectsPage.of(
            found.of(), found.effects(), run.configuration().infer().level(), found.weighted()));
    run.show(report(run, found));
    run.folder().commit();
    return Optional.empty();
  }

  /** What the console shows. */
  static Report report(RunContext run, Found found) {
    return new EffectsReport(
        found.of(),
        found.settings(),
        found.effects(),
        run.configuration().infer().level(),
        found.weighted());
  }

  /**
   * Effects.
   *
   * @param of the expression whose averages the effects are
   * @param settings with all by which there are lines
   * @param weighted whether averages are by the rows' weights
   * @param input what became of the rows, in the pass that left out most
   * @param warnings what was said of them
   */
  record Found(
      String of,
      EffectsConfig settings,
      List<Effect> effects,
      boolean weighted,
      RunSummary.Rows input,
      List<String> warnings) {}

  /**
   * Averages.
   *
   * @param known the covariance of the estimates; empty: that of the folder which is configured
   */
  static Found compute(RunContext run, Optional<GivenCovariance> known) {
    return compute(run.configuration().fit().groups().any() ? ofGroups(run) : ofAll(run, known));
  }

  /**
   * What averages are made with.
   *
   * @param configuration whose rows have all that the expressions speak of
   * @param degreesOfFreedom of the t distribution that is compared with; empty: normal
   * @param passes what became of the rows in each pass
   */
  private record Averaging(
      RunContext run,
      RunConfiguration configuration,
      Estimated estimated,
      OptionalDouble degreesOfFreedom,
      List<RowCounts> passes) {

    /** Passes over the rows. */
    Map<List<String>, EffectSums.Group> sums(
        RowModel rows,
        DerivativeSpec spec,
        EffectSums.Quantity quantity,
        String column,
        int groups) {
      RowTallies tallies = RowTallies.of(run.session().spark());
      Map<List<String>, EffectSums.Group> sums =
          EffectSums.of(
              rows.source(),
              spec,
              rows.values(),
              configuration.device(),
              quantity,
              column,
              tallies,
              groups);
      passes.add(run.refuseLeftOut(rows.source(), tallies));
      return sums;
    }
  }

  /** What is known of the parameters that an expression depends on. */
  interface Estimated {
    /** Their names, in the order of the arrays below. */
    List<String> wrt(RowModel rows);

    /** Their covariance for a group of rows: [P, P], row-major. */
    double[] covariance(RowModel rows, List<String> group);

    /** A direction in which the group's rows do not tell them, length P; empty: none. */
    double[] undetermined(RowModel rows, List<String> group);
  }

  /** One covariance for all rows. */
  private record OfAll(GivenCovariance given) implements Estimated {
    @Override
    public List<String> wrt(RowModel rows) {
      return rows.wrt();
    }

    @Override
    public double[] covariance(RowModel rows, List<String> group) {
      return given.of(rows.wrt(), rows.shapes());
    }

    @Override
    public double[] undetermined(RowModel rows, List<String> group) {
      return new double[0];
    }
  }

  private static Averaging ofAll(RunContext run, Optional<GivenCovariance> known) {
    GivenCovariance given =
        known.orElseGet(
            () -> GivenCovariance.read(run.configuration().effects().covarianceFrom(), COVARIANCE));
    return new Averaging(
        run, run.configuration(), new OfAll(given), given.degreesOfFreedom(), new ArrayList<>());
  }

  /** A line for each group of a fit by groups, with its own estimates and their covariance. */
  private static Averaging ofGroups(RunContext run) {
    GroupEstimates.Covariances groups = GroupEstimates.withCovariances(run);
    return new Averaging(
        run, groups.configuration(), groups, OptionalDouble.empty(), new ArrayList<>());
  }

  private static Found compute(Averaging run) {
    EffectsConfig settings = run.configuration().effects();
    String of =
        settings
            .of()
            .or(() -> run.configuration().model().statistics().mean())
            .or(() -> run.configuration().model().statistics().median())
            .orElseThrow(
                () ->
                    Errors.configuration(
                        "nothing is named to be averaged, and the model has no mean of its own",
                        "curvature.effects.of",
                        PredictCommand.probability(run.configuration().model().statistics())
                            .orElse("name a definition: of = mu")));
    settings.at().forEach((column, value) -> refuseNoLevel(run, "at", column, value));
    settings
        .contrasts()
        .forEach(
            (column, values) ->
                values.forEach(value -> refuseNoLevel(run, "contrasts", column, value)));
    List<Effect> effects = new ArrayList<>();
    effects.addAll(mean(run, of));
    List<StructField> table =
        settings.slopes().isEmpty()
                && settings.elasticities().isEmpty()
                && settings.contrasts().isEmpty()
            ? List.of()
            : Source.columns(run.run().session().spark(), run.configuration().input());
    List<String> columns = table.stream().map(StructField::name).toList();
    Stream.concat(settings.slopes().stream(), settings.elasticities().stream())
        .forEach(column -> refuseArray(table, column));
    for (String column : settings.slopes()) {
      effects.addAll(slopes(run, of, column, columns, EffectSums.Quantity.SLOPE));
    }
    for (String column : settings.elasticities()) {
      effects.addAll(slopes(run, of, column, columns, EffectSums.Quantity.ELASTICITY));
    }
    settings
        .contrasts()
        .forEach(
            (column, values) -> {
              refuseForeign(run, column, columns);
              effects.addAll(contrasts(run, of, column, values));
            });
    RowCounts most = Collections.max(run.passes(), Comparator.comparingLong(RowCounts::rejected));
    return new Found(
        of,
        settings,
        effects,
        run.configuration().input().weight().isPresent(),
        RunContext.rows(most),
        run.run().withRejections(List.of(), most));
  }

  private static List<Effect> mean(Averaging run, String of) {
    Averages averages = averages(run, of, run.configuration().effects().at(), "averaging " + of);
    List<Effect> effects = new ArrayList<>();
    averages
        .groups()
        .forEach(
            (group, sums) ->
                effects.add(
                    new Effect(
                        "mean",
                        "",
                        "",
                        "",
                        group,
                        estimate(
                            run,
                            of,
                            averages.rows(),
                            group,
                            sums.sum() / sums.weight(),
                            mean(sums)))));
    return effects;
  }

  /** A level that there is not would count as the reference where the model takes unseen ones. */
  private static void refuseNoLevel(Averaging run, String key, String column, String value) {
    run.configuration()
        .input()
        .categories()
        .forEach(
            (name, encoded) -> {
              if (encoded.column().equals(column)
                  && encoded.levels().stream().noneMatch(level -> isSame(level, value))) {
                throw Errors.configuration(
                    "the column %s has no level %s in the model"
                        .formatted(PublicText.label(column), PublicText.label(value)),
                    "curvature.effects." + key,
                    "its levels are "
                        + PublicText.label(Names.first(LEVELS_SHOWN, encoded.levels())));
              }
            });
  }

  private static void refuseArray(List<StructField> table, String column) {
    table.stream()
        .filter(field -> field.name().equalsIgnoreCase(column))
        .filter(field -> Source.isOfSeveral(field.dataType()))
        .findFirst()
        .ifPresent(
            field -> {
              throw Errors.configuration(
                  "the column %s is of the type %s, and a slope is by one number"
                      .formatted(PublicText.label(field.name()), field.dataType().simpleString()),
                  "curvature.effects.slopes",
                  "fit with its elements as columns of their own, as by input.sql");
            });
  }

  /** What a column changes that the model does not have is 0, and looks like a finding. */
  private static void refuseForeign(Averaging run, String column, List<String> columns) {
    if (columns.stream().anyMatch(column::equalsIgnoreCase)
        && !ColumnTensor.enters(run.configuration(), column, columns)) {
      throw Errors.configuration(
          "the column " + PublicText.label(column) + " does not enter the model",
          "curvature.effects.contrasts",
          "name one that does");
    }
  }

  private static boolean isSame(String level, String value) {
    try {
      return level.equals(value) || Double.parseDouble(level) == Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static List<Effect> contrasts(
      Averaging run, String of, String column, List<String> values) {
    List<Averages> each = new ArrayList<>();
    for (String value : values) {
      Map<String, String> held = new LinkedHashMap<>(run.configuration().effects().at());
      held.put(column, value);
      each.add(averages(run, of, held, "averaging with %s = %s".formatted(column, value)));
    }
    List<Effect> effects = new ArrayList<>();
    for (int k = 1; k < values.size(); k++) {
      int to = k;
      each.get(0)
          .groups()
          .forEach(
              (group, first) -> {
                EffectSums.Group second = each.get(to).groups().get(group);
                double[] gradient = mean(second);
                double[] before = mean(first);
                for (int i = 0; i < gradient.length; i++) {
                  gradient[i] -= before[i];
                }
                effects.add(
                    new Effect(
                        "contrast",
                        column,
                        values.get(0),
                        values.get(to),
                        group,
                        estimate(
                            run,
                            "%s: %s - %s".formatted(column, values.get(to), values.get(0)),
                            each.get(0).rows(),
                            group,
                            second.sum() / second.weight() - first.sum() / first.weight(),
                            gradient)));
              });
    }
    return effects;
  }

  private static double[] mean(EffectSums.Group group) {
    double[] mean = group.gradient().clone();
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= group.weight();
    }
    return mean;
  }

  private static Averages averages(
      Averaging run, String of, Map<String, String> held, String announcement) {
    RunConfiguration configuration = run.configuration();
    List<String> by = configuration.effects().by();
    RowModel rows = RowModel.of(run.run(), configuration, Map.of(OF, of), by, held);
    refuseVector(rows, of);
    DerivativeSpec spec =
        spec(
            rows,
            run.estimated().wrt(rows),
            Request.PerSample.NONE.withValue().withGradient(),
            configuration);
    return new Averages(
        run.run()
            .stages()
            .run(
                "effects_pass",
                announcement,
                () -> run.sums(rows, spec, EffectSums.Quantity.VALUE, "", by.size())),
        rows);
  }

  private static List<Effect> slopes(
      Averaging run, String of, String column, List<String> columns, EffectSums.Quantity quantity) {
    RunConfiguration configuration = run.configuration();
    List<String> by = configuration.effects().by();
    RunConfiguration changed = ColumnTensor.in(configuration, column, columns);
    RowModel rows =
        RowModel.of(run.run(), changed, Map.of(OF, of), by, configuration.effects().at());
    refuseVector(rows, of);
    if (!rows.source().shapes().containsKey(ColumnTensor.NAME)) {
      throw Errors.configuration(
          "%s does not depend on the column %s".formatted(of, column),
          "curvature.effects.slopes",
          "name one that it depends on");
    }
    DerivativeSpec spec =
        spec(
            rows,
            Stream.concat(Stream.of(ColumnTensor.NAME), run.estimated().wrt(rows).stream())
                .toList(),
            Request.PerSample.NONE
                .withValue()
                .withGradient()
                .withProducts(Request.Products.of(1).withHessian()),
            configuration);
    Map<List<String>, EffectSums.Group> groups =
        run.run()
            .stages()
            .run(
                "effects_pass",
                "averaging derivatives by " + column,
                () -> run.sums(rows, spec, quantity, ColumnTensor.NAME, by.size()));
    String kind = quantity == EffectSums.Quantity.SLOPE ? "slope" : "elasticity";
    List<Effect> effects = new ArrayList<>();
    groups.forEach(
        (group, sums) ->
            effects.add(
                new Effect(
                    kind,
                    column,
                    "",
                    "",
                    group,
                    estimate(
                        run,
                        kind + " of " + column,
                        rows,
                        group,
                        sums.sum() / sums.weight(),
                        mean(sums)))));
    return effects;
  }

  private static void refuseVector(RowModel rows, String of) {
    if (!rows.model().loss().shape().isScalar()) {
      throw Errors.configuration(
          "%s has the shape %s, and effects are of one number"
              .formatted(of, rows.model().loss().shape()),
          "curvature.effects.of",
          "take one of its elements, as in of = \"softmax(z)[1]\"");
    }
  }

  private static DerivativeSpec spec(
      RowModel rows, List<String> wrt, Request.PerSample asked, RunConfiguration configuration) {
    return new DerivativeSpec(
        rows.model(),
        new Request(wrt, Request.Global.NONE, asked),
        configuration.precision(),
        configuration.blockMemoryBytes());
  }

  /** By the delta method. */
  private static Estimate estimate(
      Averaging run,
      String name,
      RowModel rows,
      List<String> group,
      double value,
      double[] gradient) {
    double[] undetermined = run.estimated().undetermined(rows, group);
    if (Undetermined.changes(gradient, 0, undetermined)) {
      double none = Double.NaN;
      double level = run.configuration().infer().level();
      return Estimate.of(name, name, 0, none, none, level, run.degreesOfFreedom());
    }
    double[] covariance = run.estimated().covariance(rows, group);
    int p = gradient.length;
    double variance = 0;
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        variance += gradient[i] * covariance[i * p + j] * gradient[j];
      }
    }
    return Estimate.of(
        name,
        name,
        0,
        value,
        Math.max(0, variance),
        run.configuration().infer().level(),
        run.degreesOfFreedom());
  }
}

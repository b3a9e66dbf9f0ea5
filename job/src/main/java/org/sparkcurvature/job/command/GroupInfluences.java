package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.config.InfluenceConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.derive.RowTallies;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.groups.GroupFits;
import org.sparkcurvature.job.groups.GroupProblem;
import org.sparkcurvature.job.influence.GroupInfluenceTable;
import org.sparkcurvature.job.page.InfluencePage;
import org.sparkcurvature.job.report.InfluenceReport;
import org.sparkcurvature.job.result.InfluenceSummary;
import org.sparkcurvature.job.sink.ResultFiles;

/**
 * {@code influence} with {@code fit.by}: what leaving each row out adds to the parameters of its
 * group. Groups are fitted to the rows that are given, so that rows and minima belong together.
 */
final class GroupInfluences {
  private static final String LOSS = "loss_of_groups__";

  private GroupInfluences() {}

  /** Runs the command; returns what the console shows. */
  static Optional<String> run(RunContext run) {
    RunConfiguration configuration = run.configuration();
    refuse(configuration.influence());
    GroupsCommand.Opened opened = GroupsCommand.open(run);
    GroupProblem problem = opened.problem();
    if (!problem.scales().isEmpty()) {
      throw Errors.configuration(
          "a parameter is estimated on another scale (transform), and influences of groups are on"
              + " parameters as they are",
          "curvature.model.parameters",
          "leave its transform out, or take a family without such a parameter");
    }
    Layout layout = opened.estimation().model().naturalLayout();
    GroupFits fits =
        GroupFits.of(
            run.session().spark(),
            opened.rows(),
            problem.forInverses(),
            GroupsConfig.Layout.WIDE,
            InferConfig.Adjustment.NONE,
            configuration.device());
    GroupEstimates joined =
        GroupEstimates.of(
            run,
            Optional.of(
                new GroupEstimates.Fitted(
                    "this run", layout, fits.table(), GroupEstimates.Fitted.Wanted.INVERSES)));
    RowModel rows =
        RowModel.of(
            run,
            joined.configuration(),
            Map.of(LOSS, configuration.model().loss()),
            List.of(),
            Map.of());
    List<String> wrt = layout.entries().stream().map(Layout.Entry::name).toList();
    DerivativeSpec gradients =
        new DerivativeSpec(
            rows.model(),
            Request.by(wrt).withSamples(Request.PerSample.NONE.withGradient()),
            configuration.precision(),
            configuration.blockMemoryBytes());
    RowTallies tallies = RowTallies.of(run.session().spark());
    Dataset<Row> table =
        joined.of(
            GroupInfluenceTable.of(
                rows.source(), gradients, rows.values(), configuration.device(), tallies),
            List.of());
    ResultFiles files = new ResultFiles(run.folder());
    run.stages()
        .run(
            "influence_pass",
            "computing and writing influences",
            () -> files.table("influence", table, configuration.output().format()));
    RowCounts counts = run.refuseLeftOut(rows.source(), tallies);
    List<String> warnings = run.withRejections(opened.warnings(), counts);
    files.configuration(run.parsedJob().loaded().resolved());
    files.layout(layout, opened.estimation().names());
    List<InfluenceSummary.Largest> largest = InfluenceCommand.largest(run, false);
    files.groupInfluences(
        configuration.fit().groups().by(),
        largest,
        RunContext.rows(counts),
        warnings,
        run.stages().seconds());
    run.page(
        "influence",
        counts,
        warnings,
        InfluencePage.ofGroups(
            configuration.fit().groups().by(), largest, run.configuration().report().namesRows()));
    run.show(InfluenceReport.ofGroups(configuration.fit().groups().by(), largest));
    run.folder().commit();
    return Optional.empty();
  }

  private static void refuse(InfluenceConfig settings) {
    if (settings.expression().isPresent()
        || settings.validation().isPresent()
        || settings.linearPredictor().isPresent()) {
      throw Errors.configuration(
          "influences of groups are on the parameters of each",
          "curvature.influence",
          "leave out influence.on, validation and linear-predictor");
    }
  }
}

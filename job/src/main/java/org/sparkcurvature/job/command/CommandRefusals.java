package org.sparkcurvature.job.command;

import java.util.List;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.Nondeterministic;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.Errors;

/** What is right in a configuration, and has no meaning for a command. */
final class CommandRefusals {
  private CommandRefusals() {}

  /**
   * Refuses what can be told from the configuration alone.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2
   */
  static void refuse(String command, RunConfiguration configuration) {
    refuseSecondPass(command, configuration);
    refuseGroups(command, configuration);
    if (!command.equals("predict")) {
      refuseKeptInvalidRows(configuration);
    }
  }

  /** What is said of new rows is said with the levels and columns of the fit. */
  static void refuseFormula(String command, ParsedJob parsedJob) {
    if (parsedJob.formula().isPresent() && List.of("predict", "effects").contains(command)) {
      throw Errors.configuration(
          command + " takes the model of a fit, with its levels and its estimates",
          "curvature.model.formula",
          "name the folder of the fit: --from out/estimate");
    }
  }

  /** An invalid row can stay where each row has a result of its own, and no others. */
  static void refuseKeptInvalidRows(RunConfiguration configuration) {
    if (configuration.input().invalidRows() == InvalidRows.KEEP) {
      throw Errors.configuration(
          "invalid rows are kept by predictions, and otherwise have nothing to add",
          "curvature.input.invalid-rows",
          "set it to fail, drop or quarantine");
    }
  }

  /** A fit by groups has no one set of values at which something else could be computed. */
  private static void refuseGroups(String command, RunConfiguration configuration) {
    if (configuration.fit().groups().any()
        && !List.of("fit", "estimate", "predict", "effects", "influence").contains(command)) {
      throw Errors.configuration(
          command + " takes one model for all rows, and fit.by makes one for each group",
          "curvature.fit.by",
          "take fit, estimate, predict, effects or influence; or leave it out");
    }
  }

  /** Functions that are not deterministic may be allowed where one pass suffices. */
  private static void refuseSecondPass(String command, RunConfiguration configuration) {
    String passes = "";
    if (!command.equals("derive")) {
      passes = command + " passes over the rows several times";
    } else if (!configuration.derive().request().perSample().equals(Request.PerSample.NONE)) {
      passes = "sums and per-sample results are made in two passes over the rows";
    } else if (configuration.input().invalidRows() == InvalidRows.QUARANTINE) {
      passes = "rejected rows are written in a pass of their own";
    }
    if (configuration.input().nondeterministic() == Nondeterministic.ALLOWED && !passes.isEmpty()) {
      throw Errors.configuration(
          "functions that are not deterministic are allowed, and " + passes,
          "curvature.input.allow-nondeterministic",
          "set it to false, and write such columns to a table first");
    }
  }
}

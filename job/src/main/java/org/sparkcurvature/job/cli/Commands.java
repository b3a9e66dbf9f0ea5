package org.sparkcurvature.job.cli;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.job.command.CheckCommand;
import org.sparkcurvature.job.command.CompareCommand;
import org.sparkcurvature.job.command.DeriveCommand;
import org.sparkcurvature.job.command.EffectsCommand;
import org.sparkcurvature.job.command.EstimateCommand;
import org.sparkcurvature.job.command.FitCommand;
import org.sparkcurvature.job.command.InferCommand;
import org.sparkcurvature.job.command.InfluenceCommand;
import org.sparkcurvature.job.command.InitCommand;
import org.sparkcurvature.job.command.PredictCommand;
import org.sparkcurvature.job.command.SpectrumCommand;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.report.Part;

/** The commands as they are typed: a row for each. */
final class Commands {
  private static final Map<String, Row> ALL = new LinkedHashMap<>();

  static {
    job(
        "derive",
        "Values, gradients, Hessians and Jacobians, per sample and summed, at given parameters.",
        "derive --config conf/quickstart.conf --show hessian,rows",
        (terminal, files, settings) -> new DeriveCommand(terminal).run(files, settings),
        Part.HESSIAN,
        Part.ROWS,
        Part.ALL);
    job(
        "fit",
        "Minimises the sum of the loss and the penalty; writes the parameters where it is minimal.",
        "fit --config conf/fit.conf",
        (terminal, files, settings) -> new FitCommand(terminal).run(files, settings),
        Part.ALL);
    job(
        "infer",
        "Covariance, standard errors, intervals and tests of given estimates.",
        "infer --config conf/infer.conf",
        (terminal, files, settings) -> new InferCommand(terminal).run(files, settings),
        Part.ALL);
    job(
        "estimate",
        "Fits a model and says how far its estimates can be trusted: fit, then infer.",
        "estimate --config conf/formula.conf",
        (terminal, files, settings) -> new EstimateCommand(terminal).run(files, settings),
        Part.ALL);
    job(
        "predict",
        "What a fitted model says of every row: predictions, intervals, residuals.",
        "predict --from out/formula --set predict.interval=confidence",
        (terminal, files, settings) -> new PredictCommand(terminal).run(files, settings));
    job(
        "effects",
        "Averages over rows of what a fitted model says: marginal effects, contrasts.",
        "effects --from out/formula --set 'effects.slopes=[lncoins]'",
        (terminal, files, settings) -> new EffectsCommand(terminal).run(files, settings),
        Part.ALL);
    add(
        "compare",
        "Fitted models beside one another: likelihood ratios where one is within another, AIC, BIC.",
        "compare out/poisson out/formula",
        Syntax.COMPARE,
        Commands::compare);
    job(
        "influence",
        "What leaving each row out would do to the estimates, a function of them, or other rows.",
        "influence --config conf/influence.conf",
        (terminal, files, settings) -> new InfluenceCommand(terminal).run(files, settings));
    job(
        "spectrum",
        "Eigenvalues of the Hessian, and what they say of the point.",
        "spectrum --config conf/spectrum.conf",
        (terminal, files, settings) -> new SpectrumCommand(terminal).run(files, settings),
        Part.ALL);
    add(
        "init",
        "A configuration to begin with, from a first look at a table, on standard output.",
        "init data.parquet > my.conf",
        Syntax.INIT,
        Commands::init);
    job(
        "check",
        "Shapes, steps and memory of a configuration; derivatives against central differences."
            + " Writes nothing.",
        "check --config conf/quickstart.conf --show formulas",
        (terminal, files, settings) -> new CheckCommand(terminal).run(files, settings),
        Part.GRAPH,
        Part.FORMULAS,
        Part.STEPS,
        Part.DIFFERENCES,
        Part.ALL);
  }

  private Commands() {}

  /**
   * A command.
   *
   * @param text what it does
   * @param example that runs
   */
  record Row(String name, String text, String example, Syntax syntax, Action action) {}

  /** Runs a command as it was typed. */
  interface Action {
    void run(Terminal terminal, Typed typed);
  }

  /** Runs a command of a configuration. */
  private interface JobAction {
    void run(Terminal terminal, List<String> configurations, List<String> settings);
  }

  /** The commands by name, in the order of the help. */
  static Map<String, Row> all() {
    return ALL;
  }

  private static void add(String name, String text, String example, Syntax syntax, Action action) {
    ALL.put(name, new Row(name, text, example, syntax, action));
  }

  private static void job(
      String name, String text, String example, JobAction action, Part... shows) {
    add(
        name,
        text,
        example,
        Syntax.JOB,
        (terminal, typed) -> {
          JobWords words = new JobWords(name, typed);
          action.run(
              ConsoleOptions.of(terminal, typed, name, shows),
              words.configurations(),
              words.settings());
        });
  }

  private static void compare(Terminal terminal, Typed typed) {
    if (typed.operands().size() < 2) {
      throw typed.refused("compare takes the folders of two results or more");
    }
    new CompareCommand(ConsoleOptions.of(terminal, typed, "compare")).run(typed.operands());
  }

  private static void init(Terminal terminal, Typed typed) {
    List<String> paths = typed.operands();
    Optional<String> table = typed.value(Syntax.TABLE);
    Optional<String> sql = typed.value(Syntax.SQL);
    long given =
        Stream.of(!paths.isEmpty(), table.isPresent(), sql.isPresent()).filter(g -> g).count();
    if (given != 1) {
      throw typed.refused(
          given == 0
              ? "no table was named: write init PATH, or --table NAME, or --sql QUERY"
              : "rows come from one of PATH, --table and --sql");
    }
    new InitCommand(terminal)
        .run(
            new InitCommand.Table(paths, table, sql),
            typed.value(Syntax.RESPONSE),
            typed.value(Syntax.FAMILY),
            typed.values(Syntax.SET));
  }

  /** Configurations and settings of a command. */
  private static final class JobWords {
    private final String command;
    private final Typed typed;

    /** The folder of an earlier result, with a slash at its end. */
    private final Optional<String> from;

    JobWords(String command, Typed typed) {
      this.command = command;
      this.typed = typed;
      this.from =
          typed.value(Syntax.FROM).map(folder -> folder.endsWith("/") ? folder : folder + "/");
    }

    /** Every configuration, that of an earlier result first. */
    List<String> configurations() {
      List<String> given = typed.values(Syntax.CONFIG);
      if (from.isEmpty() && given.isEmpty()) {
        throw typed.refused("there is neither --config FILE nor --from FOLDER");
      }
      return Stream.concat(from.map(folder -> folder + "config.conf").stream(), given.stream())
          .toList();
    }

    /** Every setting, those that an earlier result gives first. */
    List<String> settings() {
      List<String> all = new ArrayList<>();
      from.ifPresent(
          folder -> {
            String place = folder.substring(0, folder.length() - 1);
            all.add("model.parameters-from=" + quoted(folder + "parameters.json"));
            all.add("predict.covariance-from=" + quoted(place));
            all.add("effects.covariance-from=" + quoted(place));
            if (!typed.has(Syntax.CONFIG)) {
              // The place that the earlier configuration names is that of the earlier result.
              all.add("output.path=" + quoted(place + "-" + command));
            }
          });
      all.addAll(typed.values(Syntax.SET));
      return all;
    }

    private static String quoted(String text) {
      return ConfigUtil.quoteString(text);
    }
  }
}

package org.sparkcurvature.job.cli;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
import org.sparkcurvature.job.command.Versions;
import org.sparkcurvature.job.report.Part;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands as they are typed. */
final class JobCommands {
  private static final String EXAMPLE = "%nExample:%n";

  private JobCommands() {}

  /** What every command takes. */
  private abstract static class Job implements Callable<Integer> {
    @Spec CommandSpec spec;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "configuration (HOCON): a path or any Hadoop URI; of several, later ones win")
    List<String> given = List.of();

    @Option(
        names = "--from",
        paramLabel = "FOLDER",
        description =
            "an earlier result: its model, parameters and covariance; --config and --set win over"
                + " them. Without them the result goes to FOLDER-COMMAND")
    String from;

    @Option(
        names = "--set",
        paramLabel = "path=value",
        description =
            "one setting, without the root: derive.reduction=sum; the value is HOCON and wins over files")
    List<String> settings = List.of();

    /** Every configuration, that of an earlier result first. */
    List<String> configurations() {
      if (from == null && given.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "there is neither --config FILE nor --from FOLDER");
      }
      return from == null
          ? given
          : Stream.concat(Stream.of(place() + "config.conf"), given.stream()).toList();
    }

    /** Every setting, those that an earlier result gives first. */
    List<String> settings() {
      if (from == null) {
        return settings;
      }
      List<String> all =
          new ArrayList<>(
              List.of(
                  "model.parameters-from=" + quoted(place() + "parameters.json"),
                  "predict.covariance-from=" + quoted(from),
                  "effects.covariance-from=" + quoted(from)));
      if (given.isEmpty()) {
        // The place that the earlier result's configuration names is that of the earlier result.
        String folder = place().substring(0, place().length() - 1);
        all.add("output.path=" + quoted(folder + "-" + spec.name()));
      }
      all.addAll(settings);
      return all;
    }

    private String place() {
      return from.endsWith("/") ? from : from + "/";
    }

    private static String quoted(String text) {
      return ConfigUtil.quoteString(text);
    }

    @Mixin ConsoleOptions console;
  }

  @Command(
      name = "derive",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature derive --config conf/quickstart.conf --show hessian,rows",
      description =
          "Values, gradients, Hessians and Jacobians, per sample and summed, at given parameters.")
  static final class Derive extends Job {
    private final Terminal terminal;

    Derive(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new DeriveCommand(console.of(terminal, "derive", Part.HESSIAN, Part.ROWS, Part.ALL))
          .run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature check --config conf/quickstart.conf --show formulas",
      description =
          "Shapes, steps and memory of a configuration; derivatives against central differences. Writes nothing.")
  static final class Check extends Job {
    private final Terminal terminal;

    Check(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new CheckCommand(
              console.of(
                  terminal,
                  "check",
                  Part.GRAPH,
                  Part.FORMULAS,
                  Part.STEPS,
                  Part.DIFFERENCES,
                  Part.ALL))
          .run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "infer",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature infer --config conf/infer.conf",
      description = "Covariance, standard errors, intervals and tests of given estimates.")
  static final class Infer extends Job {
    private final Terminal terminal;

    Infer(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new InferCommand(console.of(terminal, "infer", Part.ALL)).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "estimate",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature estimate --config conf/formula.conf",
      description = "Fits a model and says how far its estimates can be trusted: fit, then infer.")
  static final class Estimate extends Job {
    private final Terminal terminal;

    Estimate(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new EstimateCommand(console.of(terminal, "estimate", Part.ALL))
          .run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "predict",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer =
          "  deploy/spark-curvature predict --from out/formula --set predict.interval=confidence",
      description = "What a fitted model says of every row: predictions, intervals, residuals.")
  static final class Predict extends Job {
    private final Terminal terminal;

    Predict(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new PredictCommand(console.of(terminal, "predict")).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "effects",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer =
          "  deploy/spark-curvature effects --from out/formula --set 'effects.slopes=[lncoins]'",
      description = "Averages over rows of what a fitted model says: marginal effects, contrasts.")
  static final class Effects extends Job {
    private final Terminal terminal;

    Effects(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new EffectsCommand(console.of(terminal, "effects", Part.ALL))
          .run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "compare",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature compare out/poisson out/formula",
      description =
          "Fitted models beside one another: likelihood ratios where one is within another, AIC, BIC.")
  static final class Compare implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
        arity = "2..*",
        paramLabel = "FOLDER",
        description = "results of estimate, of the same rows")
    List<String> folders;

    @Mixin ConsoleOptions console;

    Compare(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new CompareCommand(console.of(terminal, "compare")).run(folders);
      return 0;
    }
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = {
        "A configuration to begin with, from a first look at a table, on standard output:",
        "  init data.parquet > my.conf"
      })
  static final class Init implements Callable<Integer> {
    private final Terminal terminal;

    @Spec CommandSpec spec;

    @Parameters(
        arity = "0..*",
        paramLabel = "PATH",
        description = "the table: files, folders or globs, local or any Hadoop URI")
    List<String> paths = List.of();

    @Option(
        names = "--table",
        paramLabel = "NAME",
        description = "the table: one of the catalogue, such as db.t")
    String table;

    @Option(names = "--sql", paramLabel = "QUERY", description = "the table: the rows of a query")
    String sql;

    @Option(
        names = "--response",
        paramLabel = "COLUMN",
        description =
            "what is modelled; by default the likeliest column, which the first line names")
    String response;

    @Option(
        names = "--family",
        paramLabel = "NAME",
        description = "a family of conf/families.conf; by default as the response suggests")
    String family;

    @Option(
        names = "--set",
        paramLabel = "path=value",
        description = "a setting of input or output, such as input.options.sep=\";\"")
    List<String> settings = List.of();

    @Option(names = "--debug", description = "print the stack trace of an error")
    boolean debug;

    Init(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      long given = Stream.of(!paths.isEmpty(), table != null, sql != null).filter(g -> g).count();
      if (given != 1) {
        throw new ParameterException(
            spec.commandLine(),
            given == 0
                ? "no table was named: write init PATH, or --table NAME, or --sql QUERY"
                : "rows come from one of PATH, --table and --sql");
      }
      new InitCommand(terminal)
          .run(
              new InitCommand.Table(paths, Optional.ofNullable(table), Optional.ofNullable(sql)),
              Optional.ofNullable(response),
              Optional.ofNullable(family),
              settings);
      return 0;
    }
  }

  @Command(
      name = "influence",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature influence --config conf/influence.conf",
      description =
          "What leaving each row out would do to the estimates, a function of them, or other rows.")
  static final class Influence extends Job {
    private final Terminal terminal;

    Influence(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new InfluenceCommand(console.of(terminal, "influence")).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "spectrum",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature spectrum --config conf/spectrum.conf",
      description = "Eigenvalues of the Hessian, and what they say of the point.")
  static final class Spectrum extends Job {
    private final Terminal terminal;

    Spectrum(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new SpectrumCommand(console.of(terminal, "spectrum", Part.ALL))
          .run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "fit",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      footerHeading = EXAMPLE,
      footer = "  deploy/spark-curvature fit --config conf/fit.conf",
      description =
          "Minimises the sum of the loss and the penalty; writes the parameters where it is minimal.")
  static final class Fit extends Job {
    private final Terminal terminal;

    Fit(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new FitCommand(console.of(terminal, "fit", Part.ALL)).run(configurations(), settings());
      return 0;
    }
  }
}

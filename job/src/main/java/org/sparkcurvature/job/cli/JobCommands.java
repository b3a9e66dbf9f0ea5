package org.sparkcurvature.job.cli;

import com.typesafe.config.ConfigUtil;
import java.util.List;
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
import org.sparkcurvature.job.command.PredictCommand;
import org.sparkcurvature.job.command.SpectrumCommand;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.command.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands as they are typed. */
final class JobCommands {
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
            "an earlier result: its model, parameters and covariance; --config and --set win over them")
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
            spec.commandLine(), "Missing required option: '--config=FILE'");
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
      return Stream.concat(
              Stream.of(
                  "model.parameters-from=" + quoted(place() + "parameters.json"),
                  "predict.covariance-from=" + quoted(from),
                  "effects.covariance-from=" + quoted(from)),
              settings.stream())
          .toList();
    }

    private String place() {
      return from.endsWith("/") ? from : from + "/";
    }

    private static String quoted(String text) {
      return ConfigUtil.quoteString(text);
    }

    @Option(names = "--debug", description = "print the stack trace of an error")
    boolean debug;
  }

  @Command(
      name = "derive",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description =
          "Values, gradients, Hessians and Jacobians, per sample and summed, at given parameters.")
  static final class Derive extends Job {
    private final Terminal terminal;

    Derive(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new DeriveCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description =
          "Shapes, steps and memory of a configuration; derivatives against central differences. Writes nothing.")
  static final class Check extends Job {
    private final Terminal terminal;

    Check(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new CheckCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "infer",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "Covariance, standard errors, intervals and tests of given estimates.")
  static final class Infer extends Job {
    private final Terminal terminal;

    Infer(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new InferCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "estimate",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "Fits a model and says how far its estimates can be trusted: fit, then infer.")
  static final class Estimate extends Job {
    private final Terminal terminal;

    Estimate(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new EstimateCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "predict",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "What a fitted model says of every row: predictions, intervals, residuals.")
  static final class Predict extends Job {
    private final Terminal terminal;

    Predict(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new PredictCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "effects",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "Averages over rows of what a fitted model says: marginal effects, contrasts.")
  static final class Effects extends Job {
    private final Terminal terminal;

    Effects(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new EffectsCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "compare",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description =
          "Fitted models beside one another: likelihood ratios where one is within another, AIC, BIC.")
  static final class Compare implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
        arity = "2..*",
        paramLabel = "FOLDER",
        description = "results of estimate, of the same rows")
    List<String> folders;

    @Option(names = "--debug", description = "print the stack trace of an error")
    boolean debug;

    Compare(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new CompareCommand(terminal).run(folders);
      return 0;
    }
  }

  @Command(
      name = "influence",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description =
          "What leaving each row out would do to the estimates, a function of them, or other rows.")
  static final class Influence extends Job {
    private final Terminal terminal;

    Influence(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new InfluenceCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "spectrum",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description = "Eigenvalues of the Hessian, and what they say of the point.")
  static final class Spectrum extends Job {
    private final Terminal terminal;

    Spectrum(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new SpectrumCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }

  @Command(
      name = "fit",
      mixinStandardHelpOptions = true,
      versionProvider = Versions.class,
      description =
          "Minimises the sum of the loss and the penalty; writes the parameters where it is minimal.")
  static final class Fit extends Job {
    private final Terminal terminal;

    Fit(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      new FitCommand(terminal).run(configurations(), settings());
      return 0;
    }
  }
}

package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.FormulaConfig;
import org.sparkcurvature.job.config.GroupsConfig;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.formula.LevelsLook;
import org.sparkcurvature.job.language.LanguageException;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.language.ModelExpressions;

/**
 * What a command is to do, read and checked as far as that goes without rows and without Spark.
 *
 * @param loaded the configuration
 * @param parsed its expressions; empty where a formula has yet to be written out
 * @param formula the model by formula that has yet to be written out
 * @param model what a formula was written out as, in HOCON
 * @param remarks what the look at the table that this took found out, in sentences
 * @param unchecked what that look left to whoever reads the rows
 */
record ParsedJob(
    LoadedConfiguration loaded,
    Optional<LossModel> parsed,
    Optional<FormulaExpansion> formula,
    Optional<String> model,
    List<String> remarks,
    Optional<FormulaExpansion.Unchecked> unchecked) {

  /**
   * Reads a configuration with its expressions, by the Spark that is here, if that will do. What is
   * wrong and needs no Spark to be found is told before.
   *
   * @throws ConfigurationException with everything that is wrong
   */
  static ParsedJob read(
      Terminal terminal, List<String> configurations, List<String> settings, Purpose purpose) {
    LoadedConfiguration loaded =
        new ConfigurationLoader(
                new HadoopUriReader(Session::hadoop),
                terminal.environment(),
                new ModelExpressions(Compatibility::check))
            .load(configurations, settings, purpose);
    // Formulas are read without Spark, and expressions were read once by a Spark that was checked.
    ParsedJob parsedJob = read(terminal, loaded);
    Compatibility.check();
    return parsedJob;
  }

  /**
   * Reads the expressions of a configuration.
   *
   * @throws ConfigurationException with everything that is wrong
   */
  static ParsedJob read(Terminal terminal, LoadedConfiguration loaded) {
    Optional<FormulaConfig> formula = loaded.configuration().model().formula();
    if (formula.isPresent()) {
      loaded.warnings().forEach(terminal::warning);
      return new ParsedJob(
          loaded,
          Optional.empty(),
          Optional.of(located(loaded, () -> FormulaExpansion.parse(formula.get()))),
          Optional.empty(),
          List.of(),
          Optional.empty());
    }
    ParsedJob parsedJob = written(loaded, Optional.empty(), List.of(), Optional.empty());
    parsedJob.warnings().forEach(terminal::warning);
    return parsedJob;
  }

  private static ParsedJob written(
      LoadedConfiguration loaded,
      Optional<String> model,
      List<String> remarks,
      Optional<FormulaExpansion.Unchecked> unchecked) {
    RunConfiguration configuration = loaded.configuration();
    return new ParsedJob(
        loaded,
        Optional.of(LossModel.parse(configuration.input(), configuration.model())),
        Optional.empty(),
        model,
        remarks,
        unchecked);
  }

  /**
   * This job with its formula and the levels of its categorical columns written out; itself where
   * there is nothing to write out.
   *
   * @param suiting when it is looked whether the response suits the family; whoever leaves that to
   *     the rows has {@link #unchecked} to look for
   * @throws org.sparkcurvature.job.errors.JobException if the table does not suit the formula
   */
  ParsedJob writtenOut(SparkSession spark, Terminal terminal, FormulaExpansion.Suiting suiting) {
    Map<String, List<String>> kept = configuration().model().encodings();
    Optional<String> levels = LevelsLook.writtenOut(spark, configuration().input(), kept);
    LoadedConfiguration encoded = levels.map(loaded.writtenOut()).orElse(loaded);
    if (formula.isEmpty()) {
      return levels.isEmpty() ? this : written(encoded, model, remarks, Optional.empty());
    }
    List<String> found = new ArrayList<>();
    FormulaExpansion.Written expanded =
        formula.get().expand(spark, configuration().input(), kept, begin(), suiting, found::add);
    found.forEach(terminal::warning);
    ParsedJob parsedJob =
        written(
            encoded.writtenOut().apply(expanded.text()),
            Optional.of(expanded.text()),
            List.copyOf(found),
            expanded.unchecked());
    parsedJob.loss().warnings().forEach(terminal::warning);
    return parsedJob;
  }

  /** The fit of a group knows nothing of other groups. */
  private FormulaExpansion.Begin begin() {
    GroupsConfig groups = configuration().fit().groups();
    return groups.any() && groups.start() == GroupsConfig.Start.OWN && !groups.shrink().any()
        ? FormulaExpansion.Begin.FAMILY
        : FormulaExpansion.Begin.TABLE;
  }

  /** The same of a result that a program writes to a folder. */
  ParsedJob writingTo(String path) {
    return new ParsedJob(loaded.writingTo(path), parsed, formula, model, remarks, unchecked);
  }

  /**
   * The same with further definitions, which rows can be asked for.
   *
   * @param more expressions in the terms of the model, by names that nothing else has
   */
  ParsedJob defining(Map<String, String> more) {
    ModelConfig model = configuration().model();
    Map<String, String> definitions = new LinkedHashMap<>(model.definitions());
    definitions.putAll(more);
    LossModel with =
        LossModel.parse(
            configuration().input().tensors().keySet(),
            model.parameters().keySet(),
            definitions,
            model.loss(),
            model.penalty());
    return new ParsedJob(loaded, Optional.of(with), formula, this.model, remarks, unchecked);
  }

  /** Whether nothing has to be looked up in the table. */
  boolean isWrittenOut() {
    return formula.isEmpty() && LevelsLook.open(configuration().input()).isEmpty();
  }

  /** The expressions of the model. */
  LossModel loss() {
    return parsed.orElseThrow(() -> new IllegalStateException("the formula is not written out"));
  }

  RunConfiguration configuration() {
    return loaded.configuration();
  }

  /** Whole sentences. */
  List<String> warnings() {
    return Stream.of(
            loaded.warnings().stream(),
            parsed.stream().flatMap(loss -> loss.warnings().stream()),
            remarks.stream())
        .flatMap(warnings -> warnings)
        .toList();
  }

  /**
   * Does what needs the shapes of tensors.
   *
   * @throws ConfigurationException where expressions are wrong, with the place of each
   */
  <T> T withShapes(Supplier<T> work) {
    return located(loaded, work);
  }

  private static <T> T located(LoadedConfiguration loaded, Supplier<T> work) {
    try {
      return work.get();
    } catch (LanguageException e) {
      throw new ConfigurationException(
          e.faults().stream()
              .map(
                  fault ->
                      fault.toProblem(Optional.ofNullable(loaded.locations().get(fault.path()))))
              .toList());
    }
  }
}

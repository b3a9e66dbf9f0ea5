package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.language.LanguageException;
import org.sparkcurvature.job.language.LossModel;

/**
 * What a command is to do, read and checked as far as that goes without rows and without Spark.
 *
 * @param loaded the configuration
 * @param loss its expressions
 */
record Assignment(LoadedConfiguration loaded, LossModel loss) {

  /**
   * Reads a configuration with its expressions.
   *
   * @throws ConfigurationException with everything that is wrong
   */
  static Assignment read(
      Terminal terminal, List<String> configurations, List<String> settings, Purpose purpose) {
    LoadedConfiguration loaded =
        new ConfigurationLoader(
                new HadoopUriReader(Session::hadoop), terminal.environment(), LossModel::problems)
            .load(configurations, settings, purpose);
    RunConfiguration configuration = loaded.configuration();
    Assignment assignment =
        new Assignment(loaded, LossModel.parse(configuration.input(), configuration.model()));
    assignment.warnings().forEach(terminal::warning);
    return assignment;
  }

  RunConfiguration configuration() {
    return loaded.configuration();
  }

  /** Whole sentences. */
  List<String> warnings() {
    return Stream.concat(loaded.warnings().stream(), loss.warnings().stream()).toList();
  }

  /**
   * Does what needs the shapes of tensors.
   *
   * @throws ConfigurationException where expressions are wrong, with the place of each
   */
  <T> T withShapes(Supplier<T> work) {
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

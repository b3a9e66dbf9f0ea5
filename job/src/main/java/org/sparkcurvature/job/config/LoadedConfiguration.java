package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What {@link ConfigurationLoader} gives back.
 *
 * @param configuration the configuration, decoded
 * @param resolved the same as HOCON text, defaults and substitutions filled in and secrets masked:
 *     the content of {@code <output>/config.conf}
 * @param locations where each key was written, as {@code file:line} or {@code --set path}, by its
 *     path without the root ({@code model.loss}); keys that have their default are not in it
 * @param parametersFrom the file that {@code model.parameters-from} names
 * @param writtenOut what the configuration is with a model that a formula was written out as: takes
 *     HOCON with tensors, parameters, definitions and a loss, over which what the user wrote wins
 * @param warnings what is allowed and yet worth a line on standard error, each a whole sentence
 */
public record LoadedConfiguration(
    RunConfiguration configuration,
    String resolved,
    Map<String, String> locations,
    Optional<String> parametersFrom,
    Function<String, LoadedConfiguration> writtenOut,
    List<String> warnings) {
  /**
   * The same of the rows that a program hands over.
   *
   * @param handedOn columns that per-sample outputs carry where the configuration names none
   */
  public LoadedConfiguration reading(InputSource.Given rows, List<String> handedOn) {
    return new LoadedConfiguration(
        configuration.with(configuration.input().from(rows, handedOn), configuration.model()),
        resolved,
        locations,
        parametersFrom,
        model -> writtenOut.apply(model).reading(rows, handedOn),
        warnings);
  }

  /** The same of a result that a program writes to a folder: its text is what the folder keeps. */
  public LoadedConfiguration writingTo(String path) {
    return new LoadedConfiguration(
        configuration,
        ConfigurationLoader.inFolder(resolved, path),
        locations,
        parametersFrom,
        writtenOut,
        warnings);
  }

  public LoadedConfiguration {
    requireNonNull(configuration);
    requireNonNull(resolved);
    requireNonNull(parametersFrom);
    requireNonNull(writtenOut);
    locations = Map.copyOf(locations);
    warnings = List.copyOf(warnings);
  }

  /** The formula of the model as it was written, also where it has been written out. */
  public Optional<String> formula() {
    Config model = ConfigFactory.parseString(resolved);
    String path = "curvature.model.formula";
    return model.hasPath(path) ? Optional.of(model.getString(path)) : Optional.empty();
  }
}

package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.UriReader;
import org.sparkcurvature.job.errors.Errors;

/**
 * The fit that values of parameters come from, as far as the folder tells that holds their file:
 * its {@code summary.json} and {@code config.conf}. Where these are not there, nothing is known.
 */
final class OriginalFit {
  private static final String FROM = "curvature.model.parameters-from";

  private OriginalFit() {}

  /**
   * Refuses values that are no estimates, or none that errors are known of.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if the fit did not
   *     converge, or penalised what it estimated and the configuration has no penalty
   */
  static void refuseNoEstimates(ParsedJob parsedJob) {
    Optional<String> file = parsedJob.loaded().parametersFrom();
    if (file.isEmpty()) {
      return;
    }
    String folder = file.get().replaceFirst("[^/]*$", "");
    UriReader reader = new HadoopUriReader(Session::hadoop);
    Optional<String> summary = text(reader, folder + "summary.json");
    if (summary.isEmpty()) {
      return;
    }
    JsonNode told = json(summary.get());
    if (!told.path("command").asText().equals("fit")) {
      return;
    }
    if (told.path("converged").isBoolean() && !told.path("converged").booleanValue()) {
      throw Errors.noAnswer(
          "the values come from a fit that did not converge"
              + (told.path("ended").isTextual()
                  ? " (it ended with: " + told.path("ended").asText() + ")"
                  : "")
              + ": they are no estimates, and have no errors",
          FROM,
          "let the fit converge first; its own message says how");
    }
    if (parsedJob.configuration().model().penalty().isEmpty()) {
      refusePenalised(text(reader, folder + "config.conf"));
    }
  }

  private static void refusePenalised(Optional<String> configuration) {
    if (configuration.isEmpty()) {
      return;
    }
    for (String key : new String[] {"l1", "l2"}) {
      Optional<ConfigValue> factor = value(configuration.get(), "curvature.fit." + key);
      if (factor.isPresent() && isAboveZero(factor.get())) {
        throw Errors.noAnswer(
            "the values come from a fit with fit."
                + key
                + ": such penalised estimates have no errors of this kind, for they are not where"
                + " the objective without the penalty is minimal",
            FROM,
            "fit again without fit."
                + key
                + " (what it left at 0 fixed, for instance), or put a smooth penalty into"
                + " model.penalty for both");
      }
    }
  }

  private static Optional<ConfigValue> value(String text, String path) {
    try {
      Config config = ConfigFactory.parseString(text);
      return config.hasPath(path) ? Optional.of(config.getValue(path)) : Optional.empty();
    } catch (ConfigException e) {
      return Optional.empty(); // written by something else
    }
  }

  private static boolean isAboveZero(ConfigValue factor) {
    if (factor instanceof ConfigObject byName) {
      return byName.values().stream().anyMatch(OriginalFit::isAboveZero);
    }
    if (factor instanceof ConfigList path) {
      return path.stream().anyMatch(OriginalFit::isAboveZero);
    }
    return factor.unwrapped() instanceof Number number && number.doubleValue() > 0;
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      return new ObjectMapper().createObjectNode(); // written by something else
    }
  }

  private static Optional<String> text(UriReader reader, String location) {
    try {
      return Optional.of(new String(reader.read(location), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty(); // parameters may stand alone
    }
  }
}

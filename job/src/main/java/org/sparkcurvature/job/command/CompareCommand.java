package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.UriReader;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.CompareReport;
import org.sparkcurvature.job.report.Digits;
import org.sparkcurvature.job.result.ComparedModel;

/** {@code compare}: fitted models beside one another. Reads results alone, and no rows. */
public final class CompareCommand {
  /** The settings that select the rows and their weights. */
  private static final List<String> ROWS =
      List.of(
          "input.path", "input.table", "input.sql", "input.where", "input.limit", "input.weight");

  private static final String NUMBER = "[-+]?[0-9.]+([eE][-+]?[0-9]+)?";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Terminal terminal;

  public CompareCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param folders results of {@code estimate}, two at least
   * @throws RuntimeException with exit code 2 if one is none, or they are of different rows
   */
  public void run(List<String> folders) {
    List<ComparedModel> models = new ArrayList<>();
    folders.forEach(folder -> models.add(read(folder)));
    for (ComparedModel model : models) {
      refuseOthers(models.get(0), model);
    }
    models.stream()
        .filter(model -> models.get(0).hasSameRows(model).isEmpty())
        .filter(model -> !models.get(0).differences(model).isEmpty())
        .findFirst()
        .ifPresent(model -> warn(models.get(0), model));
    List<String> responses =
        models.stream().flatMap(model -> model.response().stream()).distinct().toList();
    if (responses.size() > 1) {
      terminal.warning(
          "The models are of different responses, whose likelihoods do not compare: %s."
              .formatted(PublicText.label(String.join("; ", responses))));
    }
    terminal.answer().ifPresent(answer -> answer.put("command", "compare"));
    terminal.show(new CompareReport(models));
  }

  private static ComparedModel read(String folder) {
    UriReader reader = new HadoopUriReader(Session::hadoop);
    String place = folder.endsWith("/") ? folder : folder + "/";
    try {
      JsonNode summary = JSON.readTree(reader.read(place + "summary.json"));
      JsonNode layout = JSON.readTree(reader.read(place + "layout.json"));
      if (!summary.path("log_likelihood").isNumber()) {
        throw Errors.configuration(
            "the result at " + folder + " has no log-likelihood",
            folder,
            "compare results of estimate whose family is a likelihood");
      }
      if (!summary.path("converged").asBoolean(true)) {
        throw Errors.configuration(
            "the fit at " + folder + " did not converge, and has no log-likelihood of estimates",
            folder,
            "let it converge first; its own message says how");
      }
      Config configuration = configuration(text(reader, place + "config.conf"));
      Set<String> names = new LinkedHashSet<>();
      layout.forEach(entry -> entry.path("names").forEach(name -> names.add(name.asText())));
      int parameters = summary.path("parameters").asInt(names.size());
      return new ComparedModel(
          folder,
          Optional.ofNullable(summary.path("family").textValue()),
          Optional.ofNullable(summary.path("response").textValue()),
          names,
          given(configuration),
          rows(configuration, JSON.readTree(text(reader, place + "manifest.json"))),
          parameters,
          summary.path("observations").asDouble(),
          summary.path("log_likelihood").asDouble(),
          nullLogLikelihood(configuration, summary),
          parameters - summary.path("likelihood_ratio_df").asInt(),
          summary.path("aic").asDouble(),
          summary.path("bic").asDouble());
    } catch (IOException e) {
      throw Errors.configuration(
          "there is no result of estimate at " + folder + " (" + e.getMessage() + ")",
          folder,
          "name folders that estimate wrote");
    }
  }

  /** What a file holds; an empty block where it is not there: nothing is known then. */
  private static String text(UriReader reader, String location) {
    try {
      return new String(reader.read(location), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "{}";
    }
  }

  private static Config configuration(String text) {
    try {
      return ConfigFactory.parseString(text).getConfig("curvature");
    } catch (ConfigException e) {
      return ConfigFactory.empty(); // written by something else
    }
  }

  /** Offsets of formulas, definitions that are numbers, and parameters that are held at one. */
  private static Map<String, String> given(Config configuration) {
    Map<String, String> given = new LinkedHashMap<>();
    object(configuration, "input.tensors")
        .forEach(
            (name, value) -> {
              if (name.matches("offset(_.*)?_sum")) {
                given.put(name, value.unwrapped().toString());
              }
            });
    object(configuration, "model.define")
        .forEach(
            (name, value) -> {
              String text = value.unwrapped().toString();
              if (text.matches(NUMBER)) {
                given.put(name, text);
              }
            });
    object(configuration, "model.parameters")
        .forEach(
            (name, value) -> {
              if (value instanceof ConfigObject parameter
                  && parameter.containsKey("fixed")
                  && Boolean.parseBoolean(parameter.get("fixed").unwrapped().toString())) {
                given.put(name, String.valueOf(parameter.unwrapped().get("value")));
              }
            });
    return given;
  }

  private static ConfigObject object(Config configuration, String path) {
    return configuration.hasPath(path)
        ? configuration.getObject(path)
        : ConfigFactory.empty().root();
  }

  /** The settings that select the rows and their weights, and a checksum of the files. */
  private static Map<String, String> rows(Config configuration, JsonNode manifest) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String key : ROWS) {
      if (configuration.hasPath(key)) {
        rows.put(key, configuration.getAnyRef(key).toString());
      }
    }
    if (rows.containsKey("input.weight") && configuration.hasPath("infer.weights")) {
      rows.put("infer.weights", configuration.getString("infer.weights"));
    }
    JsonNode files = manifest.path("input").path("sha256");
    if (files.isTextual()) {
      rows.put("the files", files.asText());
    }
    return rows;
  }

  /**
   * Where the dispersion is that of the model with predictors, that without them has not its own.
   */
  private static OptionalDouble nullLogLikelihood(Config configuration, JsonNode summary) {
    JsonNode value = summary.path("null_log_likelihood");
    boolean borrowed =
        configuration.hasPath("model.statistics.dispersion")
            && configuration.getBoolean("model.statistics.dispersion")
            && configuration.getString("model.statistics.phi").equals("pearson");
    return value.isNumber() && !borrowed
        ? OptionalDouble.of(value.asDouble())
        : OptionalDouble.empty();
  }

  private void warn(ComparedModel first, ComparedModel other) {
    String key = first.differences(other).get(0);
    terminal.warning(
        "The models may be of different rows or weights, and their likelihoods compare only where these are the same: %s and %s are not of the same %s."
            .formatted(first.folder(), other.folder(), key));
  }

  private static void refuseOthers(ComparedModel first, ComparedModel other) {
    if (first.observations() != other.observations()) {
      throw Errors.configuration(
          "%s is of %,.0f rows, and %s of %,.0f"
              .formatted(
                  first.folder(), first.observations(), other.folder(), other.observations()),
          other.folder(),
          "fit both to the same rows: a column with missing values leaves rows out, which"
              + " input.where can leave out of the other, too");
    }
    if (!first.hasSameRows(other).orElse(true)) {
      throw Errors.configuration(
          "%s and %s are of different rows, or of different weights: the model without predictors has the log-likelihood %s in the one, and %s in the other"
              .formatted(
                  first.folder(),
                  other.folder(),
                  Digits.logarithm(first.nullLogLikelihood().orElseThrow()),
                  Digits.logarithm(other.nullLogLikelihood().orElseThrow())),
          other.folder(),
          "fit both to the same rows with the same weights");
    }
  }
}

package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.job.config.HadoopUriReader;
import org.sparkcurvature.job.config.UriReader;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.CompareReport;
import org.sparkcurvature.job.result.ComparedModel;

/** {@code compare}: fitted models beside one another. Reads results alone, and no rows. */
public final class CompareCommand {
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
      JsonNode summary = new ObjectMapper().readTree(reader.read(place + "summary.json"));
      JsonNode layout = new ObjectMapper().readTree(reader.read(place + "layout.json"));
      if (!summary.path("log_likelihood").isNumber()) {
        throw Errors.configuration(
            "the result at " + folder + " has no log-likelihood",
            folder,
            "compare results of estimate whose family is a likelihood");
      }
      Set<String> names = new LinkedHashSet<>();
      layout.forEach(entry -> entry.path("names").forEach(name -> names.add(name.asText())));
      return new ComparedModel(
          folder,
          Optional.ofNullable(summary.path("family").textValue()),
          Optional.ofNullable(summary.path("response").textValue()),
          names,
          summary.path("parameters").asInt(names.size()),
          summary.path("observations").asDouble(),
          summary.path("log_likelihood").asDouble(),
          summary.path("aic").asDouble(),
          summary.path("bic").asDouble());
    } catch (IOException e) {
      throw Errors.configuration(
          "there is no result of estimate at " + folder + " (" + e.getMessage() + ")",
          folder,
          "name folders that estimate wrote");
    }
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
  }
}

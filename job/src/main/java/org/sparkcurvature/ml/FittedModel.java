package org.sparkcurvature.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.CurvatureException;
import org.sparkcurvature.Estimates;
import org.sparkcurvature.Fit;
import org.sparkcurvature.GroupEstimates;

/**
 * What a fit found, apart from its session.
 *
 * @param model what predictions are made of, as JSON
 * @param shown the table that the command prints
 * @param names of the estimates
 * @param numbers by name: estimates, errors, and numbers of the whole fit; none of groups
 * @param groups the table of estimates by groups, if they are by groups
 */
record FittedModel(
    String model,
    String shown,
    Predictors predictors,
    List<String> names,
    Map<String, double[]> numbers,
    Optional<Dataset<Row>> groups) {
  /** Of a model for all rows, as it is written: a reader of earlier formats refuses a later one. */
  private static final int OF_ALL = 1;

  /** Of models of groups. */
  private static final int OF_GROUPS = 2;

  /** Of either, with columns of predictors that are one array. */
  private static final int ASSEMBLED = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  static FittedModel of(Estimates estimates, Predictors predictors) {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("estimates", estimates.estimates());
    numbers.put("standard_errors", estimates.standardErrors());
    numbers.put("statistics", estimates.statistics());
    numbers.put("p_values", estimates.pValues());
    numbers.put("observations", new double[] {estimates.observations()});
    numbers.put("log_likelihood", new double[] {estimates.logLikelihood()});
    numbers.put("aic", new double[] {estimates.aic()});
    numbers.put("bic", new double[] {estimates.bic()});
    numbers.put("deviance", new double[] {estimates.deviance()});
    numbers.put("dispersion", new double[] {estimates.dispersion()});
    return new FittedModel(
        estimates.modelAsJson(),
        estimates.toString(),
        predictors,
        estimates.names(),
        numbers,
        Optional.empty());
  }

  /** Of a fit with a penalty, whose estimates have no errors of their own: these are NaN. */
  static FittedModel of(Fit fit, Predictors predictors) {
    double[] none = new double[fit.names().size()];
    Arrays.fill(none, Double.NaN);
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("estimates", fit.estimates());
    for (String name : List.of("standard_errors", "statistics", "p_values")) {
      numbers.put(name, none);
    }
    for (String name :
        List.of("observations", "log_likelihood", "aic", "bic", "deviance", "dispersion")) {
      numbers.put(name, new double[] {Double.NaN});
    }
    return new FittedModel(
        fit.modelAsJson(), "", predictors, fit.names(), numbers, Optional.empty());
  }

  /** Of many groups. */
  static FittedModel of(GroupEstimates groups, Predictors predictors) {
    StringBuilder shown = new StringBuilder("groups by status\n");
    groups
        .counts()
        .forEach((status, count) -> shown.append("  %s: %,d%n".formatted(status, count)));
    return new FittedModel(
        groups.modelAsJson(),
        shown.toString(),
        predictors,
        groups.names(),
        Map.of(),
        Optional.of(groups.table()));
  }

  /**
   * The numbers of the whole fit.
   *
   * @throws CurvatureException if each group has its own
   */
  double[] numbers(String name) {
    if (!numbers.containsKey(name)) {
      throw CurvatureException.of(
          2, "each group has estimates of its own", "the model", "take them from groupEstimates");
    }
    return numbers.get(name).clone();
  }

  double number(String name) {
    return numbers(name)[0];
  }

  private int format() {
    if (!predictors.assembled().isEmpty()) {
      return ASSEMBLED;
    }
    return groups.isPresent() ? OF_GROUPS : OF_ALL;
  }

  String json() throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", format());
    object.put("model", model);
    object.put("shown", shown);
    object.put("groups", groups.isPresent());
    object.put("terms", predictors.terms());
    object.put("assembled", predictors.assembled());
    Map<String, Object> elements = new LinkedHashMap<>();
    predictors
        .elements()
        .forEach(
            (term, element) ->
                elements.put(term, Map.of("column", element.column(), "index", element.index())));
    object.put("elements", elements);
    object.put("names", names);
    Map<String, Object> bits = new LinkedHashMap<>();
    // As texts: NaN is no number of JSON.
    numbers.forEach(
        (name, each) -> bits.put(name, Arrays.stream(each).mapToObj(Double::toString).toList()));
    object.put("numbers", bits);
    return JSON.writeValueAsString(object);
  }

  /**
   * Reads what {@link #json} gave.
   *
   * @param path for messages
   * @param groups reads the table of groups
   */
  static FittedModel read(String json, String path, Supplier<Dataset<Row>> groups)
      throws IOException {
    JsonNode object = JSON.readTree(json);
    int format = object.path("format").asInt(0);
    if (format < 1 || format > ASSEMBLED) {
      throw CurvatureException.of(
          2,
          "the model has the format %d, and this program reads up to %d"
              .formatted(format, ASSEMBLED),
          path,
          "read it with the program that wrote it, or a later one");
    }
    Map<String, Predictors.Element> elements = new LinkedHashMap<>();
    object
        .path("elements")
        .properties()
        .forEach(
            entry ->
                elements.put(
                    entry.getKey(),
                    new Predictors.Element(
                        entry.getValue().path("column").asText(),
                        entry.getValue().path("index").asInt())));
    Map<String, double[]> numbers = new LinkedHashMap<>();
    object
        .path("numbers")
        .properties()
        .forEach(
            entry ->
                numbers.put(
                    entry.getKey(),
                    texts(entry.getValue()).stream().mapToDouble(Double::parseDouble).toArray()));
    return new FittedModel(
        object.path("model").asText(),
        object.path("shown").asText(),
        new Predictors(texts(object.path("terms")), elements, texts(object.path("assembled"))),
        texts(object.path("names")),
        numbers,
        object.path("groups").asBoolean(format == OF_GROUPS)
            ? Optional.of(groups.get())
            : Optional.empty());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}

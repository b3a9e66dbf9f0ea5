package org.sparkcurvature.job.fit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.solve.RefinedFactor;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * A regression problem of NIST's Statistical Reference Datasets with its certified solution. A file
 * is a table with a header in comments: the model in the loss language, the starts, the certified
 * estimates and standard deviations, and the residual sum of squares (linear problems: the residual
 * standard deviation).
 *
 * @param linear whether the model is linear in the parameters
 * @param response of the regression, in terms of the columns
 * @param model what the response is fitted by
 * @param parameters in the order of the estimates
 * @param residualVariance certified, the residual sum of squares over {@code degrees}
 * @param columns by name, all of the same length
 */
public record CertifiedProblem(
    String name,
    String level,
    boolean linear,
    String response,
    String model,
    List<Parameter> parameters,
    double residualVariance,
    int degrees,
    Map<String, double[]> columns) {

  /** Every problem, those of linear models first, in NIST's order of difficulty. */
  static final List<String> NAMES =
      List.of(
          "Norris",
          "Pontius",
          "NoInt1",
          "NoInt2",
          "Filip",
          "Longley",
          "Wampler1",
          "Wampler2",
          "Wampler3",
          "Wampler4",
          "Wampler5",
          "Misra1a",
          "Chwirut2",
          "Chwirut1",
          "Lanczos3",
          "Gauss1",
          "Gauss2",
          "DanWood",
          "Misra1b",
          "Kirby2",
          "Hahn1",
          "Nelson",
          "MGH17",
          "Lanczos1",
          "Lanczos2",
          "Gauss3",
          "Misra1c",
          "Misra1d",
          "Roszman1",
          "ENSO",
          "MGH09",
          "Thurber",
          "BoxBOD",
          "Rat42",
          "MGH10",
          "Eckerle4",
          "Rat43",
          "Bennett5");

  /**
   * A parameter.
   *
   * @param starts where a fit is to begin: NIST's two, the far one first; 0 for a linear model
   * @param estimate certified
   * @param deviation its certified standard deviation, from J'J
   */
  public record Parameter(String name, List<Double> starts, double estimate, double deviation) {}

  public static CertifiedProblem load(String name) {
    Map<String, String> header = new LinkedHashMap<>();
    List<Parameter> parameters = new ArrayList<>();
    List<String> columnNames = List.of();
    List<double[]> rows = new ArrayList<>();
    for (String line : text(name).split("\n")) {
      if (line.startsWith("# parameter: ")) {
        parameters.add(parameter(line.substring(13).split(" ")));
      } else if (line.startsWith("# ")) {
        int colon = line.indexOf(": ");
        header.put(line.substring(2, colon), line.substring(colon + 2));
      } else if (columnNames.isEmpty()) {
        columnNames = List.of(line.split(","));
      } else {
        rows.add(numbers(line.split(",")));
      }
    }
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (int k = 0; k < columnNames.size(); k++) {
      int column = k;
      columns.put(columnNames.get(k), rows.stream().mapToDouble(row -> row[column]).toArray());
    }
    String title =
        header.keySet().stream().filter(key -> key.startsWith("NIST")).findFirst().orElseThrow();
    int degrees = Integer.parseInt(header.get("degrees"));
    return new CertifiedProblem(
        name,
        header.get(title).split(" ")[0],
        title.contains(", linear"),
        header.get("response"),
        header.get("model"),
        parameters,
        header.containsKey("rss")
            ? Double.parseDouble(header.get("rss")) / degrees
            : Math.pow(Double.parseDouble(header.get("residual standard deviation")), 2),
        degrees,
        columns);
  }

  private static Parameter parameter(String[] words) {
    List<Double> starts = new ArrayList<>();
    for (int k = 1; k < words.length - 2; k++) {
      starts.add(Double.valueOf(words[k]));
    }
    return new Parameter(
        words[0],
        starts,
        Double.parseDouble(words[words.length - 2]),
        Double.parseDouble(words[words.length - 1]));
  }

  private static double[] numbers(String[] words) {
    double[] numbers = new double[words.length];
    for (int k = 0; k < words.length; k++) {
      numbers[k] = Double.parseDouble(words[k]);
    }
    return numbers;
  }

  private static String text(String name) {
    try (InputStream in = CertifiedProblem.class.getResourceAsStream("/nist/" + name + ".csv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int starts() {
    return parameters.get(0).starts().size();
  }

  public double[] start(int which) {
    return parameters.stream().mapToDouble(p -> p.starts().get(which)).toArray();
  }

  public double[] estimates() {
    return parameters.stream().mapToDouble(Parameter::estimate).toArray();
  }

  public double[] deviations() {
    return parameters.stream().mapToDouble(Parameter::deviation).toArray();
  }

  /** Half the residual sum of squares, to be minimised from one of the starts. */
  LocalObjective objective(int start) {
    LocalObjective.Builder builder =
        LocalObjective.loss("square(" + response + " - fitted) / 2").define("fitted", model);
    parameters.forEach(p -> builder.parameter(p.name(), p.starts().get(start)));
    columns.forEach(builder::column);
    return builder.build();
  }

  /**
   * Values of the parameters in the order of the certified ones: the terms of Lanczos's sums of
   * exponentials may change their places, and are told apart by their rates.
   *
   * @param x the estimates
   * @param values of the parameters: the estimates, or what is known of them
   */
  double[] ordered(double[] x, double[] values) {
    if (!name.startsWith("Lanczos")) {
      return values;
    }
    return IntStream.range(0, x.length / 2)
        .boxed()
        .sorted(Comparator.comparingDouble(term -> x[2 * term + 1]))
        .flatMapToDouble(term -> DoubleStream.of(values[2 * term], values[2 * term + 1]))
        .toArray();
  }

  /**
   * Standard deviations as NIST certifies them: the residual variance times the inverse of J'J,
   * which is the generalised Gauss-Newton matrix of this loss, and not the inverse Hessian.
   */
  double[] deviations(LocalObjective objective, double[] x) {
    Request.Global asked = Request.Global.NONE.withValue().withGgn("fitted");
    var sums = objective.sums(x, asked);
    ScaledHessian ggn = ScaledHessian.of(sums.ggn().orElseThrow());
    // As infer does: where the elements tell too little, by products, which are those of J'J too
    // where the model is linear.
    SymmetricMatrix covariance =
        linear && !ggn.isPositiveDefinite()
            ? RefinedFactor.of(ggn, (v, count) -> objective.hessianTimes(x, v, count))
                .map(RefinedFactor::inverse)
                .orElseGet(ggn::inverse)
            : ggn.inverse();
    double variance = 2 * sums.value().orElseThrow() / degrees;
    double[] deviations = covariance.diagonal();
    for (int i = 0; i < deviations.length; i++) {
      deviations[i] = Math.sqrt(variance * deviations[i]);
    }
    return deviations;
  }

  /**
   * The fewest correct decimal digits among the elements, {@code -log10} of the relative error, the
   * absolute one where 0 is certified; never more than the 11 that NIST prints (15 for linear
   * models), and 0 where an element is NaN.
   *
   * @param computed in the order of the certified ones
   */
  double digits(double[] computed, double[] certified) {
    double fewest = linear ? 15 : 11;
    for (int i = 0; i < certified.length; i++) {
      double scale = certified[i] == 0 ? 1 : Math.abs(certified[i]);
      double digits = -Math.log10(Math.abs(computed[i] - certified[i]) / scale);
      fewest = Double.isNaN(digits) ? 0 : Math.max(0, Math.min(fewest, digits));
    }
    return fewest;
  }
}

package org.sparkcurvature.job.formula;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model as a configuration writes it: tensors, parameters, definitions and a loss. It is filled
 * by parts, and printed as HOCON, which is then read like what a user has written.
 */
final class WrittenModel {
  /** The most elements whose Hessian is formed unless the user says so. */
  private static final int LARGEST_NEWTON = 4096;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  private final Map<String, String> tensors = new LinkedHashMap<>();
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private final Map<String, String> definitions = new LinkedHashMap<>();
  private final Map<String, String> statistics = new LinkedHashMap<>();
  private final List<String> nullModel = new ArrayList<>();
  private final List<String> probabilities = new ArrayList<>();
  private long elements;
  private Optional<String> where = Optional.empty();
  private Optional<String> loss = Optional.empty();
  private boolean likelihood;
  private boolean dispersion;

  // ---- tensors

  void column(String name, String expression) {
    tensors.put(name, quoted(expression));
  }

  void columns(String name, List<String> expressions) {
    tensors.put(name, list(expressions));
  }

  void codes(String name, String expression, List<String> levels, String unseen) {
    tensors.put(
        name,
        "{ column = %s, levels = %s%s }"
            .formatted(
                quoted(expression),
                list(levels),
                unseen.equals("invalid") ? "" : ", unseen = " + unseen));
  }

  /** Which rows are read. */
  void where(String condition) {
    where = Optional.of(condition);
  }

  boolean hasTensor(String name) {
    return tensors.containsKey(name);
  }

  // ---- parameters

  void scalar(String name, double value, String transform) {
    parameters.put(
        name,
        transform.isEmpty()
            ? Double.toString(value)
            : "{ value = %s, transform = %s }".formatted(value, transform));
  }

  /** A scalar with a name of its own. */
  void scalar(String name, double value, List<String> names) {
    parameters.put(name, "{ value = %s, names = %s }".formatted(value, list(names)));
  }

  void vector(String name, List<Integer> shape, double fill, List<String> names) {
    vector(name, shape, fill, names, false);
  }

  /** As the other one. */
  void vector(String name, List<Integer> shape, double fill, List<String> names, boolean nuisance) {
    parameters.put(
        name,
        "{ shape = %s, fill = %s%s, names = %s }"
            .formatted(shape, fill, nuisance ? ", nuisance = true" : "", list(names)));
    elements += names.size();
  }

  void vector(String name, List<Double> values, String transform, List<String> names) {
    parameters.put(
        name,
        "{ value = %s%s, names = %s }"
            .formatted(
                values, transform.isEmpty() ? "" : ", transform = " + transform, list(names)));
  }

  boolean hasParameter(String name) {
    return parameters.containsKey(name);
  }

  void inNullModel(String parameter) {
    nullModel.add(parameter);
  }

  // ---- expressions

  void define(String name, String expression) {
    definitions.put(name, expression);
  }

  void loss(String expression, boolean isLikelihood) {
    loss = Optional.of(expression);
    likelihood = isLikelihood;
  }

  void dispersion() {
    dispersion = true;
  }

  void statistic(String key, String expression) {
    statistics.put(key, expression);
  }

  /** What the probability of a level of the response is. */
  void probability(String level, String expression) {
    String name = "probability_" + level;
    String written = NAME.matcher(name).matches() ? name : "`" + name.replace("`", "``") + "`";
    probabilities.add(expression + " AS " + written);
  }

  /** Leaves out definitions that nothing uses. */
  void prune() {
    Set<String> used = new LinkedHashSet<>();
    List<String> open = new ArrayList<>();
    loss.ifPresent(open::add);
    open.addAll(statistics.values());
    open.addAll(probabilities);
    while (!open.isEmpty()) {
      Matcher names = NAME.matcher(open.remove(open.size() - 1));
      while (names.find()) {
        String name = names.group();
        if (definitions.containsKey(name) && used.add(name)) {
          open.add(definitions.get(name));
        }
      }
    }
    if (loss.isPresent()) {
      definitions.keySet().retainAll(used);
    }
  }

  // ---- text

  /** Under the root {@code curvature}. */
  String text() {
    StringBuilder text = new StringBuilder("curvature {\n  input.tensors {\n");
    tensors.forEach((name, value) -> text.append("    %s = %s\n".formatted(name, value)));
    text.append("  }\n");
    where.ifPresent(condition -> text.append("  input.where = %s\n".formatted(quoted(condition))));
    text.append("  model {\n    parameters {\n");
    parameters.forEach((name, value) -> text.append("      %s = %s\n".formatted(name, value)));
    text.append("    }\n    define {\n");
    definitions.forEach(
        (name, value) -> text.append("      %s = %s\n".formatted(name, quoted(value))));
    text.append("    }\n");
    loss.ifPresent(
        value ->
            text.append(
                "    loss = %s\n    likelihood = %s\n".formatted(quoted(value), likelihood)));
    text.append("    statistics {\n");
    statistics.forEach(
        (name, value) -> text.append("      %s = %s\n".formatted(name, quoted(value))));
    if (dispersion) {
      text.append("      dispersion = true\n");
    }
    if (!probabilities.isEmpty()) {
      text.append("      probabilities = %s\n".formatted(list(probabilities)));
    }
    text.append("      null-model = %s\n    }\n".formatted(list(nullModel)));
    text.append("    written-out = true\n  }\n");
    if (elements > LARGEST_NEWTON) {
      text.append("  fit.method = newton-cg\n");
    }
    return text.append("}\n").toString();
  }

  private static String list(List<String> texts) {
    return texts.stream().map(WrittenModel::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String quoted(String text) {
    return ConfigUtil.quoteString(text);
  }
}

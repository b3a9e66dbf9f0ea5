package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.TensorConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.Quoted;

/**
 * A model in which a column is an input tensor, wherever it enters: what Spark SQL would compute of
 * it is computed by the loss language, so that it has derivatives.
 */
final class ColumnTensor {
  /** The tensor that is the column. */
  static final String NAME = "column_of_slope__";

  private static final Pattern TOKEN =
      Pattern.compile("'(?:[^']|'')*'|`((?:[^`]|``)+)`|([A-Za-z_]\\w*)(\\s*\\()?");

  private final String column;
  private final Map<String, String> columns = new LinkedHashMap<>();
  private final Map<String, TensorConfig> tensors = new LinkedHashMap<>();
  private final Map<String, String> definitions = new LinkedHashMap<>();
  private final Map<String, String> others = new LinkedHashMap<>();
  private boolean enters;

  private ColumnTensor(String column, List<String> all) {
    this.column = column;
    all.forEach(name -> columns.put(name.toLowerCase(Locale.ROOT), name));
  }

  /**
   * The configuration with the column as the tensor {@link #NAME}.
   *
   * @param all the names of the table's columns
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it enters nothing, or a
   *     category
   */
  static RunConfiguration in(RunConfiguration configuration, String column, List<String> all) {
    ColumnTensor written = new ColumnTensor(column, all);
    InputConfig input = configuration.input();
    ModelConfig model = configuration.model();
    input.tensors().forEach(written::add);
    if (!written.enters) {
      throw Errors.configuration(
          "the column " + column + " does not enter the model",
          "curvature.effects.slopes",
          "name one that does");
    }
    written.tensors.put(NAME, new TensorConfig.Single(Quoted.name(column), Optional.empty()));
    Map<String, String> definitions = new LinkedHashMap<>(model.definitions());
    definitions.putAll(written.definitions);
    ModelConfig changed =
        new ModelConfig(
            model.parameters(),
            definitions,
            model.loss(),
            Optional.empty(),
            model.likelihood(),
            model.statistics(),
            Optional.empty(),
            model.collinear(),
            model.encodings());
    return configuration.with(input.with(written.tensors, Map.of()), changed);
  }

  /** Whether a column enters the model, as a number or as a category. */
  static boolean enters(RunConfiguration configuration, String column, List<String> all) {
    ColumnTensor written = new ColumnTensor(column, all);
    return configuration.input().tensors().values().stream()
        .flatMap(tensor -> tensor.columns().stream())
        .flatMap(text -> Stream.of(text, TensorConfig.withoutAlias(text)))
        .anyMatch(written::mentions);
  }

  private void add(String name, TensorConfig tensor) {
    if (tensor instanceof TensorConfig.Encoded encoded) {
      if (mentions(encoded.column())) {
        throw Errors.configuration(
            "the column %s enters the model as a category, which has no slope".formatted(column),
            "curvature.effects.slopes",
            "compare its levels: contrasts { %s = [...] }".formatted(column));
      }
      tensors.put(name, tensor);
    } else if (tensor instanceof TensorConfig.Single single) {
      if (mentions(single.column())) {
        definitions.put(name, translated(single.column()));
      } else {
        tensors.put(name, tensor);
      }
    } else {
      elements(name, (TensorConfig.Elements) tensor);
    }
  }

  private void elements(String name, TensorConfig.Elements list) {
    if (list.columns().stream().noneMatch(this::mentions)) {
      tensors.put(name, list);
      return;
    }
    List<String> parts = new ArrayList<>();
    for (int k = 0; k < list.columns().size(); k++) {
      String text = TensorConfig.withoutAlias(list.columns().get(k));
      if (mentions(text)) {
        parts.add("(" + translated(text) + ")");
      } else {
        String part = name + "_" + k + "__";
        tensors.put(part, new TensorConfig.Single(text, Optional.empty()));
        parts.add(part);
      }
    }
    definitions.put(name, "concat(" + String.join(", ", parts) + ")");
  }

  private boolean mentions(String text) {
    Matcher token = TOKEN.matcher(text);
    boolean found = text.strip().equalsIgnoreCase(column);
    while (token.find()) {
      found |= column(token).filter(column::equalsIgnoreCase).isPresent();
    }
    enters |= found;
    return found;
  }

  /** The column that a token names; empty for functions, words and texts. */
  private Optional<String> column(Matcher token) {
    String name =
        token.group(1) != null
            ? token.group(1).replace("``", "`")
            : token.group(3) == null ? token.group(2) : null;
    return Optional.ofNullable(name == null ? null : columns.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The text with tensors in the place of columns. */
  private String translated(String text) {
    if (text.strip().equalsIgnoreCase(column)) {
      return NAME;
    }
    Matcher token = TOKEN.matcher(text);
    StringBuilder result = new StringBuilder();
    while (token.find()) {
      Optional<String> named = column(token);
      token.appendReplacement(
          result, Matcher.quoteReplacement(named.map(this::tensor).orElse(token.group())));
    }
    return token.appendTail(result).toString();
  }

  private String tensor(String name) {
    if (name.equalsIgnoreCase(column)) {
      return NAME;
    }
    return others.computeIfAbsent(
        name,
        other -> {
          String tensor = "column_" + others.size() + "__";
          tensors.put(tensor, new TensorConfig.Single(Quoted.name(other), Optional.empty()));
          return tensor;
        });
  }
}

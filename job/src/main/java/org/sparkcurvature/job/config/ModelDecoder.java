package org.sparkcurvature.job.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Decodes the block {@code model}. */
final class ModelDecoder {
  private ModelDecoder() {}

  /**
   * @param names receives the names of tensors, parameters and definitions
   */
  static ModelConfig decode(
      Block model,
      Block input,
      InputConfig tensors,
      ModelNames names,
      UriReader reader,
      ExpressionReader expressions) {
    Optional<FormulaConfig> formula = FormulaDecoder.decode(model);
    boolean writtenOut = model.flag("written-out");
    ModelConfig.Collinear collinear = model.choice("collinear", ModelConfig.Collinear.values());
    StatisticsConfig statistics = StatisticsConfig.decode(model.block("statistics"));
    Map<String, List<String>> levels = levels(model.block("levels"));
    if (formula.isPresent() && !writtenOut) {
      return byFormula(model, formula, statistics, collinear, names, reader, levels);
    }
    Map<String, Setting> declared = model.block("parameters").entries();
    Map<String, Setting> definitions = model.block("define").entries();
    Optional<Setting> from = model.find("parameters-from");
    Optional<ParameterFile> file = from.flatMap(setting -> ParameterFile.read(setting, reader));
    if (from.isPresent() && file.isEmpty()) {
      names.incomplete();
    }

    for (String block : List.of("tensors", "encode")) {
      input.block(block).entries().forEach((name, s) -> names.add(ModelNames.Kind.TENSOR, name, s));
    }
    declared.forEach((name, s) -> names.add(ModelNames.Kind.PARAMETER, name, s));
    file.ifPresent(
        f ->
            f.entries().keySet().stream()
                .filter(name -> !declared.containsKey(name))
                .forEach(
                    name ->
                        names.add(
                            ModelNames.Kind.PARAMETER,
                            name,
                            from.get().path(),
                            Optional.of(f.location()))));
    definitions.forEach((name, s) -> names.add(ModelNames.Kind.DEFINITION, name, s));

    ModelConfig config =
        new ModelConfig(
            parameters(declared, tensors, from, file),
            expressions(definitions),
            model.requiredText(
                "loss", "give one sample's loss, as in loss = \"square(y - dot(x, beta))\""),
            model.text("penalty"),
            model.flag("likelihood"),
            statistics,
            Optional.empty(),
            collinear,
            encodings(levels, file));
    model.end();
    if (names.isComplete()) {
      read(model, definitions, config, names, expressions);
    }
    return config;
  }

  /** A model whose tensors, parameters and definitions a formula gives, once rows are looked at. */
  private static ModelConfig byFormula(
      Block model,
      Optional<FormulaConfig> formula,
      StatisticsConfig statistics,
      ModelConfig.Collinear collinear,
      ModelNames names,
      UriReader reader,
      Map<String, List<String>> levels) {
    names.incomplete();
    Optional<ParameterFile> file =
        model.find("parameters-from").flatMap(setting -> ParameterFile.read(setting, reader));
    for (String key : List.of("parameters", "define")) {
      model.block(key).entries();
    }
    ModelConfig config =
        new ModelConfig(
            Map.of(),
            Map.of(),
            model.text("loss").orElse(""),
            model.text("penalty"),
            model.flag("likelihood"),
            statistics,
            formula,
            collinear,
            encodings(levels, file));
    model.end();
    return config;
  }

  /** The levels of categorical columns, in their order. */
  private static Map<String, List<String>> levels(Block block) {
    Map<String, List<String>> levels = new LinkedHashMap<>();
    block
        .entries()
        .forEach(
            (column, setting) -> {
              List<String> texts = InputDecoder.levels(setting);
              if (texts.size() == 1) {
                setting.problem("names one level", "name two at least");
              }
              levels.put(column, texts);
            });
    return levels;
  }

  /** Those of an earlier fit rule. */
  private static Map<String, List<String>> encodings(
      Map<String, List<String>> levels, Optional<ParameterFile> file) {
    Map<String, List<String>> all = new LinkedHashMap<>(levels);
    file.ifPresent(f -> all.putAll(f.encodings()));
    return all;
  }

  /** Reports what is wrong in expressions, where they stand. */
  private static void read(
      Block model,
      Map<String, Setting> definitions,
      ModelConfig config,
      ModelNames names,
      ExpressionReader expressions) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    definitions.values().forEach(setting -> settings.put(setting.path(), setting));
    Stream.of("loss", "penalty")
        .flatMap(key -> model.find(key).stream())
        .forEach(setting -> settings.put(setting.path(), setting));
    Set<String> parameters = new LinkedHashSet<>(names.all(ModelNames.Kind.PARAMETER));
    names.all(ModelNames.Kind.DEFINITION).stream()
        .filter(name -> !config.definitions().containsKey(name))
        .forEach(parameters::add);
    Set<String> tensors = new LinkedHashSet<>(names.all(ModelNames.Kind.TENSOR));
    model
        .decoding()
        .postpone(
            () -> expressions.seemWrong(tensors, parameters, config),
            () ->
                expressions
                    .problems(tensors, parameters, config)
                    .forEach(p -> settings.get(p.path()).problem(p.what(), p.remedy())));
  }

  private static Map<String, ParameterConfig> parameters(
      Map<String, Setting> declared,
      InputConfig input,
      Optional<Setting> from,
      Optional<ParameterFile> file) {
    Map<String, ParameterConfig> parameters = new LinkedHashMap<>();
    if (from.isPresent() && file.isEmpty()) {
      return parameters;
    }
    ParameterDecoder decoder = new ParameterDecoder(input.tensors());
    declared.forEach(
        (name, setting) ->
            decoder.decode(setting, file).ifPresent(parameter -> parameters.put(name, parameter)));
    file.ifPresent(
        f ->
            f.entries()
                .forEach(
                    (name, entry) -> {
                      if (!declared.containsKey(name)) {
                        parameters.put(name, ParameterDecoder.of(entry));
                      }
                    }));
    return parameters;
  }

  private static Map<String, String> expressions(Map<String, Setting> definitions) {
    Map<String, String> expressions = new LinkedHashMap<>();
    definitions.forEach(
        (name, setting) ->
            setting.text().ifPresent(expression -> expressions.put(name, expression)));
    return expressions;
  }
}

package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The block {@code effects}.
 *
 * @param of a definition or an expression of them; empty: the family's mean
 * @param slopes columns by which the average derivative is taken
 * @param elasticities columns by which the average relative derivative is taken
 * @param contrasts by column, the values that are compared: each with the first
 * @param at columns that are held at a value
 * @param by columns or expressions: a line for each group
 * @param covarianceFrom a folder that infer or estimate wrote
 */
public record EffectsConfig(
    Optional<String> of,
    List<String> slopes,
    List<String> elasticities,
    Map<String, List<String>> contrasts,
    Map<String, String> at,
    List<String> by,
    Optional<String> covarianceFrom) {
  public EffectsConfig {
    requireNonNull(of);
    slopes = List.copyOf(slopes);
    elasticities = List.copyOf(elasticities);
    contrasts = Ordered.copyOf(contrasts);
    at = Ordered.copyOf(at);
    by = List.copyOf(by);
    requireNonNull(covarianceFrom);
  }

  /** The same with lines by further expressions. */
  public EffectsConfig by(List<String> further) {
    List<String> all = new ArrayList<>(by);
    all.addAll(further);
    return new EffectsConfig(of, slopes, elasticities, contrasts, at, all, covarianceFrom);
  }

  static EffectsConfig decode(Block block) {
    Map<String, List<String>> contrasts = new LinkedHashMap<>();
    block
        .block("contrasts")
        .entries()
        .forEach(
            (column, setting) -> {
              List<String> values = setting.texts();
              if (values.size() < 2) {
                setting.problem("compares fewer than two values", "give two: treated = [0, 1]");
              }
              contrasts.put(column, values);
            });
    Map<String, String> at = new LinkedHashMap<>();
    block
        .block("at")
        .entries()
        .forEach((column, setting) -> setting.text().ifPresent(value -> at.put(column, value)));
    EffectsConfig config =
        new EffectsConfig(
            block.text("of"),
            InputDecoder.distinct(block, "slopes"),
            InputDecoder.distinct(block, "elasticities"),
            contrasts,
            at,
            InputDecoder.distinct(block, "by"),
            block.text("covariance-from"));
    block.end();
    return config;
  }
}

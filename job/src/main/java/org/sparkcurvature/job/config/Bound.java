package org.sparkcurvature.job.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One side of the bounds of a parameter's elements, as it is configured. */
public sealed interface Bound {

  /** The same for every element. */
  record All(double value) implements Bound {}

  /** One for each element, row-major. */
  record Each(List<Double> values) implements Bound {
    public Each {
      values = List.copyOf(values);
    }
  }

  /** For some elements, by their names or labels. */
  record Named(Map<String, Double> values) implements Bound {
    public Named {
      values = Ordered.copyOf(values);
    }
  }

  /**
   * A bound for each element.
   *
   * @param names of the elements, row-major
   * @param labels of the elements, row-major, or none
   * @param none what stands for elements without a bound
   * @throws IllegalArgumentException if names are not those of elements, or values are not as many
   */
  default double[] rowMajor(List<String> names, List<String> labels, double none) {
    double[] bounds = new double[names.size()];
    Arrays.fill(bounds, none);
    if (this instanceof All all) {
      Arrays.fill(bounds, all.value());
    } else if (this instanceof Each each) {
      if (each.values().size() != names.size()) {
        throw new IllegalArgumentException(
            "%d bounds for %d elements".formatted(each.values().size(), names.size()));
      }
      Arrays.setAll(bounds, k -> each.values().get(k));
    } else if (this instanceof Named named) {
      named
          .values()
          .forEach(
              (name, value) -> {
                int at = names.contains(name) ? names.indexOf(name) : labels.indexOf(name);
                if (at < 0) {
                  List<String> known = new ArrayList<>(names);
                  throw new IllegalArgumentException(
                      "no element is called "
                          + name
                          + "; "
                          + Nearest.suggestion(
                              name, known, "the elements are " + String.join(", ", known)));
                }
                bounds[at] = value;
              });
    }
    return bounds;
  }

  /** Reads a number, a list of numbers, or a block of numbers by name. */
  static Optional<Bound> decode(Setting setting) {
    if (setting.isBlock()) {
      Map<String, Double> values = new LinkedHashMap<>();
      setting
          .block()
          .entries()
          .forEach((name, value) -> value.number().ifPresent(n -> values.put(name, n)));
      return Optional.of(new Named(values));
    }
    if (setting.isList()) {
      return Optional.of(
          new Each(
              setting.elements().stream().flatMap(element -> element.number().stream()).toList()));
    }
    return setting.number().map(All::new);
  }
}

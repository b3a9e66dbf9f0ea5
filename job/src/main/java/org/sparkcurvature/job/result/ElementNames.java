package org.sparkcurvature.job.result;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.TensorConfig;

/**
 * What the elements of tensors and parameters are called: {@code beta[lncoins]} where there are
 * labels, {@code W[2, 3]} otherwise, {@code b0} for a scalar; a formula's coefficients have names
 * of their own.
 */
public final class ElementNames {
  private final Map<String, List<String>> labels;
  private final Set<String> named;

  private ElementNames(Map<String, List<String>> labels, Set<String> named) {
    this.labels = labels;
    this.named = named;
  }

  /** The names that a configuration gives. */
  public static ElementNames of(RunConfiguration configuration) {
    Map<String, List<String>> labels = new LinkedHashMap<>();
    Map<String, TensorConfig> tensors = configuration.input().tensors();
    tensors.forEach((name, tensor) -> labels.put(name, tensor.labels()));
    configuration
        .model()
        .parameters()
        .forEach((name, parameter) -> labels.put(name, labels(parameter, tensors)));
    return new ElementNames(
        labels,
        configuration.model().parameters().entrySet().stream()
            .filter(entry -> entry.getValue().named())
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * These names.
   *
   * @param labels by name of the tensor: as many as elements, row-major, or none
   */
  public static ElementNames of(Map<String, List<String>> labels) {
    return new ElementNames(new LinkedHashMap<>(labels), Set.of());
  }

  private static List<String> labels(ParameterConfig parameter, Map<String, TensorConfig> tensors) {
    if (!parameter.labels().isEmpty() || parameter.labelsOf().isEmpty()) {
      return parameter.labels();
    }
    return tensors.get(parameter.labelsOf().get()).labels();
  }

  /** The labels of a tensor's elements, row-major; empty where their positions are their names. */
  public List<String> labels(String name) {
    return labels.getOrDefault(name, List.of());
  }

  /** Whether the labels of a parameter are the whole names of its elements. */
  public boolean isNamed(String name) {
    return named.contains(name);
  }

  /** The names of a tensor's elements, row-major: as many as it has elements. */
  public List<String> names(String name, Shape shape) {
    List<String> given = labels(name);
    if (isNamed(name) && given.size() == shape.size()) {
      return given;
    }
    List<String> names = new ArrayList<>(shape.size());
    for (int element = 0; element < shape.size(); element++) {
      if (given.size() == shape.size() && !shape.isScalar()) {
        names.add(name + "[" + given.get(element) + "]");
      } else {
        names.add(name + position(shape, element));
      }
    }
    return names;
  }

  /** The names of the flattened vector's P elements. */
  public List<String> names(Layout layout) {
    return layout.entries().stream()
        .flatMap(entry -> names(entry.name(), entry.shape()).stream())
        .toList();
  }

  private static String position(Shape shape, int element) {
    return shape.isScalar()
        ? ""
        : index(shape, element).stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "[", "]"));
  }

  /** The position of an element along each axis, from 0; empty for a scalar. */
  public static List<Integer> index(Shape shape, int element) {
    LinkedList<Integer> index = new LinkedList<>();
    int rest = element;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      index.addFirst(rest % shape.extent(axis));
      rest /= shape.extent(axis);
    }
    return index;
  }
}

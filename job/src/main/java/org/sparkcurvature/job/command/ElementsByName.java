package org.sparkcurvature.job.command;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.language.NamedElements;
import org.sparkcurvature.job.result.ElementNames;

/** The names of the table of estimates, for expressions that speak of these. */
final class ElementsByName {
  private ElementsByName() {}

  /** The elements that have a name which tells more than a position; of a name twice neither. */
  static NamedElements of(RunConfiguration configuration) {
    ElementNames names = ElementNames.of(configuration);
    Map<String, NamedElements.Element> elements = new LinkedHashMap<>();
    Set<String> twice = new HashSet<>();
    Set<String> parameters = configuration.model().parameters().keySet();
    configuration
        .model()
        .parameters()
        .forEach(
            (parameter, declared) -> {
              int count = names.labels(parameter).size();
              Shape shape = declared.shape().orElseGet(() -> Shape.of(Math.max(1, count)));
              if (shape.size() != count) {
                return;
              }
              List<String> own = names.names(parameter, shape);
              for (int k = 0; k < count; k++) {
                String name = own.get(k);
                if (!isPosition(name, parameters)
                    && elements.put(
                            name,
                            new NamedElements.Element(parameter, ElementNames.index(shape, k)))
                        != null) {
                  twice.add(name);
                }
              }
            });
    elements.keySet().removeAll(twice);
    return new NamedElements(elements);
  }

  /** The labels of beta[1] may be numbers: to expressions these are positions. */
  private static boolean isPosition(String name, Set<String> parameters) {
    return name.matches(".+\\[[\\d, ]+]")
        && parameters.contains(name.substring(0, name.lastIndexOf('[')));
  }
}

package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.job.language.LossModel.Parsed;

/**
 * Puts definitions behind those they use; each cycle is one fault, at the name that closes it. The
 * way down is a list, not the call stack: thousands of definitions may need one another.
 */
final class DefinitionOrder {
  /** A definition on the way down from one that needs it, and the names it uses from here on. */
  private record Entered(String name, Parsed parsed, Iterator<Term.Name> uses) {}

  private final Map<String, Parsed> definitions;
  private final List<Fault> faults;
  private final Map<String, Parsed> sorted = new LinkedHashMap<>();
  private final List<Entered> way = new ArrayList<>();
  private final Set<String> onTheWay = new HashSet<>();
  private final Set<Set<String>> cycles = new HashSet<>();

  /**
   * @param definitions by name, in any order
   * @param faults cycles are added here
   */
  DefinitionOrder(Map<String, Parsed> definitions, List<Fault> faults) {
    this.definitions = definitions;
    this.faults = faults;
  }

  Map<String, Parsed> sorted() {
    for (String first : definitions.keySet()) {
      enter(first);
      while (!way.isEmpty()) {
        Entered last = way.get(way.size() - 1);
        if (last.uses().hasNext()) {
          use(last, last.uses().next());
        } else {
          leave(last);
        }
      }
    }
    return sorted;
  }

  private void use(Entered user, Term.Name use) {
    if (onTheWay.contains(use.name())) {
      refuseCycle(user, use);
    } else {
      enter(use.name());
    }
  }

  private void enter(String name) {
    if (definitions.containsKey(name) && !sorted.containsKey(name)) {
      Parsed parsed = definitions.get(name);
      way.add(new Entered(name, parsed, LossModel.uses(parsed.term()).iterator()));
      onTheWay.add(name);
    }
  }

  private void leave(Entered last) {
    way.remove(way.size() - 1);
    onTheWay.remove(last.name());
    sorted.put(last.name(), last.parsed());
  }

  private void refuseCycle(Entered user, Term.Name use) {
    List<String> cycle =
        way.stream().map(Entered::name).dropWhile(name -> !name.equals(use.name())).toList();
    if (cycles.add(Set.copyOf(cycle))) {
      faults.add(
          new Fault(
              user.parsed().formula(),
              use.span(),
              "definitions that need each other: "
                  + String.join(" -> ", cycle)
                  + " -> "
                  + use.name(),
              "define one of them without the others"));
    }
  }
}

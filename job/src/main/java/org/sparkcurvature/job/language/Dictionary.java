package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * What an expression may speak of.
 *
 * @param tensors names of input tensors
 * @param parameters names of parameters
 * @param definitions names of definitions
 * @param elements names of parameters' elements
 */
record Dictionary(
    Set<String> tensors, Set<String> parameters, Set<String> definitions, NamedElements elements) {

  /** Core's operators have names, but are written as operators: how, by name. */
  private static final Map<String, String> OPERATORS =
      Map.ofEntries(
          Map.entry("add", "a + b"),
          Map.entry("subtract", "a - b"),
          Map.entry("multiply", "a * b"),
          Map.entry("divide", "a / b"),
          Map.entry("negate", "-a"),
          Map.entry("equal", "a = b"),
          Map.entry("not_equal", "a != b"),
          Map.entry("less", "a < b"),
          Map.entry("less_equal", "a <= b"),
          Map.entry("greater", "a > b"),
          Map.entry("greater_equal", "a >= b"),
          Map.entry("and", "a AND b"),
          Map.entry("or", "a OR b"),
          Map.entry("not", "NOT a"),
          Map.entry("where", "IF(condition, a, b)"),
          Map.entry("index", "z[i]"));

  /** Names that an error lists. */
  private static final int MOST_NAMED = 40;

  /** The names of the language that no function of core's stands behind. */
  private static final List<String> OWN = List.of("if", "pi", "e");

  Dictionary(Set<String> tensors, Set<String> parameters, Set<String> definitions) {
    this(tensors, parameters, definitions, NamedElements.NONE);
  }

  Dictionary {
    tensors = Set.copyOf(tensors);
    parameters = Set.copyOf(parameters);
    definitions = Set.copyOf(definitions);
  }

  boolean hasName(String name) {
    return tensors.contains(name) || parameters.contains(name) || definitions.contains(name);
  }

  /** Whether a function may be called by this name; operators may not. */
  static boolean hasFunction(String function) {
    return FunctionRegistry.names().contains(function) && !OPERATORS.containsKey(function);
  }

  /** That there is nothing of a name. */
  Fault noName(Formula formula, Span span, String name) {
    return new Fault(
        formula,
        span,
        "there is no input tensor, parameter or definition named " + name,
        remedyForName(name));
  }

  /** That there is no function of a name. */
  Fault noFunction(Formula formula, Span span, String written) {
    return new Fault(formula, span, "there is no function " + written, remedyForFunction(written));
  }

  /** What to write for an unknown name. */
  String remedyForName(String name) {
    if (name.equals("loss")) {
      return "a definition cannot use the loss, which is made of definitions";
    }
    if (name.equals("pi") || name.equals("e")) {
      return "the constant is written " + name + "()";
    }
    if (hasFunction(name)) {
      return name + " is a function: " + name + "(...)";
    }
    List<String> near = Names.nearest(name, names());
    if (!near.isEmpty()) {
      return "perhaps " + String.join(" or ", near) + " was meant";
    }
    List<String> known = new ArrayList<>();
    if (elements.names().isEmpty()) {
      list(known, "input tensors", tensors);
      list(known, "parameters", parameters);
      list(known, "definitions", definitions);
    } else {
      // Expressions of estimates have no use for what is another number in each row.
      list(known, "estimates", elements.names());
      list(known, "parameters", parameters);
    }
    return "there are " + String.join("; ", known);
  }

  /** What to write for an unknown function. */
  private String remedyForFunction(String written) {
    String function = written.toLowerCase(Locale.ROOT);
    if (OPERATORS.containsKey(function)) {
      return "write " + OPERATORS.get(function);
    }
    if (hasName(written)) {
      return written
          + " is no function: write "
          + written
          + " * (...) for a product, "
          + written
          + "[...] for an element";
    }
    Optional<String> here = ForeignFunctions.remedy(function);
    if (here.isPresent()) {
      return here.get();
    }
    SortedSet<String> functions = new TreeSet<>(FunctionRegistry.names());
    functions.removeAll(OPERATORS.keySet());
    functions.addAll(OWN);
    List<String> near = Names.misspelt(function, functions);
    return near.isEmpty()
        ? "the functions are " + String.join(" ", functions)
        : "perhaps " + String.join(" or ", near) + " was meant";
  }

  private Set<String> names() {
    Set<String> all = new LinkedHashSet<>(tensors);
    all.addAll(parameters);
    all.addAll(definitions);
    all.addAll(elements.names());
    return all;
  }

  private static void list(List<String> known, String kind, Collection<String> names) {
    if (!names.isEmpty()) {
      known.add("the " + kind + " " + some(names));
    }
  }

  /** Names in their order, of many the first ones. */
  static String some(Collection<String> names) {
    String first =
        new TreeSet<>(names).stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return names.size() <= MOST_NAMED
        ? first
        : first + " and %,d more".formatted(names.size() - MOST_NAMED);
  }
}

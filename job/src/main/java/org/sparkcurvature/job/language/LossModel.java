package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Problem;
import org.sparkcurvature.job.config.Transform;

/**
 * The expressions of a model after parsing: every name and function in them is known, and
 * definitions are in an order in which each can be computed. What they mean for tensors of given
 * shapes is found by {@link #compile}. Immutable.
 */
public final class LossModel {
  private static final String DEFINE = "model.define.";
  private static final String LOSS = "model.loss";
  private static final String PENALTY = "model.penalty";

  /** Why an expression has no input tensors, and what to write. */
  private record Advice(String reason, String remedy) {}

  private static final Advice OF_PENALTY =
      new Advice(
          "the penalty is added once to the reduced loss and knows no sample",
          "use parameters alone, or make it a part of model.loss");

  /** An expression and its term. */
  record Parsed(Formula formula, Term term) {}

  private final Dictionary dictionary;
  private final List<String> declared;
  private final Map<String, Parsed> definitions;
  private final Parsed loss;
  private final Optional<Parsed> penalty;
  private final List<String> warnings;

  private LossModel(
      Dictionary dictionary,
      List<String> declared,
      Map<String, Parsed> definitions,
      Parsed loss,
      Optional<Parsed> penalty) {
    this.dictionary = dictionary;
    this.declared = declared;
    this.definitions = definitions;
    this.loss = loss;
    this.penalty = penalty;
    this.warnings = findWarnings();
  }

  /**
   * Reads a model's expressions. Needs neither rows nor a SparkSession.
   *
   * @throws LanguageException with everything that is wrong
   */
  public static LossModel parse(InputConfig input, ModelConfig model) {
    return parse(
        input.tensors().keySet(),
        model.parameters().keySet(),
        model.definitions(),
        model.loss(),
        model.penalty());
  }

  /**
   * Reads a model's expressions. No name may be used twice among tensors, parameters and
   * definitions, nor may any be {@code loss}; the configuration sees to that.
   *
   * @param tensors names of input tensors
   * @param parameters names of parameters
   * @param definitions expressions by name, in any order
   * @param loss the loss of one sample
   * @param penalty an expression of parameters alone
   * @throws LanguageException with everything that is wrong: bad syntax, unknown names and
   *     functions, definitions that need themselves, input tensors in the penalty
   */
  public static LossModel parse(
      Set<String> tensors,
      Set<String> parameters,
      Map<String, String> definitions,
      String loss,
      Optional<String> penalty) {
    Reading reading = Reading.of(tensors, parameters, definitions, loss, penalty);
    if (!reading.faults.isEmpty()) {
      throw new LanguageException(reading.faults);
    }
    return new LossModel(
        reading.dictionary,
        List.copyOf(definitions.keySet()),
        reading.definitions,
        reading.loss.orElseThrow(),
        reading.penalty);
  }

  /**
   * What {@link #parse} would refuse, as problems of the configuration. Expressions without text
   * are passed over: they have been refused already.
   *
   * @param tensors names of input tensors
   * @param parameters names of parameters, and of whatever else may be spoken of
   * @param model the expressions
   */
  public static List<Problem> problems(
      Set<String> tensors, Set<String> parameters, ModelConfig model) {
    Reading reading =
        Reading.of(tensors, parameters, model.definitions(), model.loss(), model.penalty());
    return reading.faults.stream()
        .filter(fault -> !fault.formula().text().isBlank())
        .map(fault -> fault.toProblem(Optional.empty()))
        .toList();
  }

  /** The expressions of a model with their places. */
  static List<Formula> formulas(
      Map<String, String> definitions, String loss, Optional<String> penalty) {
    List<Formula> formulas = new ArrayList<>();
    definitions.forEach((name, text) -> formulas.add(new Formula(DEFINE + name, text)));
    formulas.add(new Formula(LOSS, loss));
    penalty.ifPresent(text -> formulas.add(new Formula(PENALTY, text)));
    return formulas;
  }

  /** Expressions as far as they could be read, and what is wrong with them. */
  private record Reading(
      Dictionary dictionary,
      Map<String, Parsed> definitions,
      Optional<Parsed> loss,
      Optional<Parsed> penalty,
      List<Fault> faults) {

    static Reading of(
        Set<String> tensors,
        Set<String> parameters,
        Map<String, String> definitions,
        String loss,
        Optional<String> penalty) {
      Dictionary dictionary = new Dictionary(tensors, parameters, definitions.keySet());
      List<Fault> faults = new ArrayList<>();
      Map<String, Parsed> read = new HashMap<>();
      formulas(definitions, loss, penalty)
          .forEach(
              formula ->
                  read(formula, dictionary, faults).ifPresent(p -> read.put(formula.path(), p)));
      Map<String, Parsed> parsed = new LinkedHashMap<>();
      definitions.keySet().stream()
          .filter(name -> read.containsKey(DEFINE + name))
          .forEach(name -> parsed.put(name, read.get(DEFINE + name)));
      Optional<Parsed> parsedLoss = Optional.ofNullable(read.get(LOSS));
      Optional<Parsed> parsedPenalty = Optional.ofNullable(read.get(PENALTY));
      Map<String, Parsed> sorted = new DefinitionOrder(parsed, faults).sorted();
      parsedPenalty.ifPresent(p -> refuseTensors(p, dictionary, sorted, faults, OF_PENALTY));
      return new Reading(dictionary, sorted, parsedLoss, parsedPenalty, faults);
    }
  }

  /**
   * What is allowed and yet worth a line on standard error: parameters and input tensors without
   * use, a loss that is the same for every sample. Each a whole sentence.
   */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * The model in core's form.
   *
   * @param tensors shapes of all input tensors, in the order in which they are declared
   * @param parameters shapes of all parameters, in the order in which they are declared
   * @throws LanguageException with everything that is wrong: shapes that do not meet, a loss or
   *     penalty that is not a scalar
   * @throws IllegalArgumentException if a name has no shape
   */
  public CompiledModel compile(Map<String, Shape> tensors, Map<String, Shape> parameters) {
    return compile(tensors, parameters, Map.of());
  }

  /**
   * The model in core's form, as a function of free elements.
   *
   * @param parameters shapes of all parameters on their natural scale
   * @param transforms scales of those parameters that are not on their natural one: the model's
   *     parameter of that name holds the free elements
   * @throws LanguageException with everything that is wrong
   */
  public CompiledModel compile(
      Map<String, Shape> tensors,
      Map<String, Shape> parameters,
      Map<String, Transform> transforms) {
    requireNames(dictionary.tensors(), tensors.keySet());
    requireNames(dictionary.parameters(), parameters.keySet());
    List<Fault> faults = new ArrayList<>();
    ModelCompiler compiler =
        new ModelCompiler(tensors, parameters, transforms, definitions, faults);
    definitions.keySet().forEach(compiler::definition);
    Optional<Model> model = compiler.model(loss, declared);
    Optional<Model> penaltyModel =
        penalty.flatMap(
            p ->
                new ModelCompiler(Map.of(), parameters, transforms, definitions, faults)
                    .model(p, List.of()));
    if (!faults.isEmpty()) {
      throw new LanguageException(List.copyOf(new LinkedHashSet<>(faults)));
    }
    return new CompiledModel(model.orElseThrow(), penaltyModel);
  }

  /**
   * Expressions of parameters alone, and of definitions that are.
   *
   * @param formulas by the name that each is to have
   * @param equations likewise, such as {@code beta[1] = 0}: what is computed of them is the left
   *     side less the right one
   * @param elements names of parameters' elements, which come before those of input tensors
   * @throws LanguageException with everything that is wrong, input tensors included
   */
  public ParameterFunctions functions(
      Map<String, Formula> formulas, Map<String, Formula> equations, NamedElements elements) {
    Dictionary names =
        new Dictionary(
            dictionary.tensors(), dictionary.parameters(), dictionary.definitions(), elements);
    String remedy =
        elements.names().isEmpty()
            ? "use parameters alone"
            : "use estimates alone: " + Dictionary.some(elements.names());
    List<Fault> faults = new ArrayList<>();
    Map<String, Parsed> functions = new LinkedHashMap<>();
    formulas.forEach(
        (name, formula) ->
            read(formula, names, faults).ifPresent(parsed -> functions.put(name, parsed)));
    equations.forEach(
        (name, formula) ->
            read(formula, names, faults)
                .flatMap(parsed -> difference(parsed, faults))
                .ifPresent(parsed -> functions.put(name, parsed)));
    functions
        .values()
        .forEach(
            parsed ->
                refuseTensors(
                    parsed,
                    dictionary,
                    definitions,
                    faults,
                    new Advice("this is computed once and knows no row", remedy)));
    if (!faults.isEmpty()) {
      throw new LanguageException(faults);
    }
    return new ParameterFunctions(functions, definitions);
  }

  /** None: what a model has that is not asked for any. */
  public ParameterFunctions functions() {
    return functions(Map.of(), Map.of(), NamedElements.NONE);
  }

  private static Optional<Parsed> difference(Parsed equation, List<Fault> faults) {
    if (equation.term() instanceof Term.Call call && call.function().equals("equal")) {
      return Optional.of(
          new Parsed(
              equation.formula(),
              new Term.Call("subtract", call.arguments(), call.axis(), call.span())));
    }
    faults.add(
        new Fault(
            equation.formula(),
            equation.term().span(),
            "this is no equation",
            "write it as one, with =, such as %s = 0"
                .formatted(equation.formula().text().replaceAll("[<>=!].*", "").strip())));
    return Optional.empty();
  }

  private static Optional<Parsed> read(Formula formula, Dictionary dictionary, List<Fault> faults) {
    return TermParser.parse(formula, dictionary, faults).map(term -> new Parsed(formula, term));
  }

  private static void refuseTensors(
      Parsed penalty,
      Dictionary dictionary,
      Map<String, Parsed> definitions,
      List<Fault> faults,
      Advice advice) {
    for (Term.Name use : uses(penalty.term())) {
      List<String> tensors =
          reach(Stream.of(use.name()), definitions).stream()
              .filter(dictionary.tensors()::contains)
              .toList();
      if (!tensors.isEmpty()) {
        String what =
            dictionary.tensors().contains(use.name())
                ? use.name() + " is an input tensor"
                : use.name() + " depends on the input tensor " + tensors.get(0);
        faults.add(
            new Fault(
                penalty.formula(), use.span(), what + ": " + advice.reason(), advice.remedy()));
      }
    }
  }

  private List<String> findWarnings() {
    Set<String> used = reach(names(loss), definitions);
    List<String> found = new ArrayList<>();
    if (used.stream().noneMatch(dictionary.tensors()::contains)) {
      found.add("The loss uses no input tensor: it is the same for every sample.");
    }
    Set<String> inLossOrPenalty =
        reach(Stream.concat(names(loss), penalty.stream().flatMap(LossModel::names)), definitions);
    unused(dictionary.parameters(), inLossOrPenalty)
        .ifPresent(
            names ->
                found.add(
                    "Neither the loss nor the penalty uses "
                        + names
                        + " of model.parameters: derivatives with respect to it are 0."));
    Set<String> inDefinitions =
        reach(Stream.concat(names(loss), definitions.keySet().stream()), definitions);
    unused(dictionary.tensors(), inDefinitions)
        .ifPresent(
            names ->
                found.add(
                    "No expression uses " + names + " of input.tensors; it is read and checked."));
    return List.copyOf(found);
  }

  private static Optional<String> unused(Set<String> names, Set<String> used) {
    String unused =
        names.stream().filter(n -> !used.contains(n)).sorted().collect(Collectors.joining(", "));
    return unused.isEmpty() ? Optional.empty() : Optional.of(unused);
  }

  private static Stream<String> names(Parsed parsed) {
    return uses(parsed.term()).stream().map(Term.Name::name);
  }

  /** The expression of a definition as it is written. */
  public Optional<String> text(String definition) {
    return Optional.ofNullable(definitions.get(definition)).map(parsed -> parsed.formula().text());
  }

  /** Names and all names that their definitions use, directly or not. */
  public Set<String> reachedFrom(Set<String> names) {
    return reach(names.stream(), definitions);
  }

  /**
   * As {@link #reachedFrom}, without going through a definition.
   *
   * @param without a name that is not gone through, nor in the result
   */
  public Set<String> reachedFrom(Set<String> names, String without) {
    Map<String, Parsed> others = new LinkedHashMap<>(definitions);
    others.remove(without);
    Set<String> reached = reach(names.stream(), others);
    reached.remove(without);
    return reached;
  }

  private static Set<String> reach(Stream<String> names, Map<String, Parsed> definitions) {
    Set<String> reached = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(names.toList());
    while (!open.isEmpty()) {
      String next = open.remove(open.size() - 1);
      if (reached.add(next) && definitions.containsKey(next)) {
        uses(definitions.get(next).term()).forEach(use -> open.add(use.name()));
      }
    }
    return reached;
  }

  /** The names in a term, in the order in which they are written. */
  static List<Term.Name> uses(Term term) {
    List<Term.Name> names = new ArrayList<>();
    addUses(term, names);
    return names;
  }

  private static void addUses(Term term, List<Term.Name> names) {
    if (term instanceof Term.Name name) {
      names.add(name);
    } else if (term instanceof Term.Call call) {
      call.arguments().forEach(argument -> addUses(argument, names));
    }
  }

  private static void requireNames(Set<String> wanted, Set<String> given) {
    if (!wanted.equals(given)) {
      throw new IllegalArgumentException(
          "shapes of " + new TreeSet<>(given) + " where the model has " + new TreeSet<>(wanted));
    }
  }
}

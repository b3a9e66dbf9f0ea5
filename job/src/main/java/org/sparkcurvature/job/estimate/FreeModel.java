package org.sparkcurvature.job.estimate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.solve.Congruence;
import org.sparkcurvature.job.solve.Elements;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.ops.Smoothness;
import org.sparkcurvature.rewrite.Rewriter;
import org.sparkcurvature.rewrite.SmoothedPinball;

/**
 * A model as a function of P free elements: those of the parameters that are estimated, one after
 * the other. Parameters are given and reported on their natural scale.
 */
public final class FreeModel {
  private final CompiledModel model;
  private final ParameterValues natural;
  private final List<String> wrt;
  private final Map<String, Shape> shapes;
  private final Map<String, Transform> transforms;
  private final Map<String, double[]> given;
  private final Optional<SeparablePenalty> bounds;

  /**
   * @param model a model of free elements
   * @param functions functions of the parameters; those that give the natural scale are enough
   * @param wrt what is estimated, in the order in which it is flattened
   * @param shapes of all parameters on the natural scale
   * @param transforms of those in {@code wrt} that are not on their natural scale
   * @param given values of all parameters on the natural scale
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if a value is not in its
   *     transform's range
   */
  public FreeModel(
      CompiledModel model,
      Model functions,
      List<String> wrt,
      Map<String, Shape> shapes,
      Map<String, Transform> transforms,
      Map<String, double[]> given) {
    this.model = model;
    this.natural = new ParameterValues(functions, wrt);
    this.wrt = List.copyOf(wrt);
    this.shapes = new LinkedHashMap<>(shapes);
    this.transforms = Map.copyOf(transforms);
    this.given = new LinkedHashMap<>();
    given.forEach(
        (name, values) ->
            this.given.put(
                name, FreeValues.of(name, transforms.getOrDefault(name, Transform.NONE), values)));
    this.bounds = Optional.empty();
  }

  private FreeModel(FreeModel other, CompiledModel model, Optional<SeparablePenalty> bounds) {
    this.model = model;
    this.bounds = bounds;
    this.natural = other.natural;
    this.wrt = other.wrt;
    this.shapes = other.shapes;
    this.transforms = other.transforms;
    this.given = other.given;
  }

  /** Whether a quantile loss is in it: then no Hessian says where the minimum is. */
  public boolean hasPinball() {
    return SmoothedPinball.applies(loss())
        || penalty().filter(SmoothedPinball::applies).isPresent();
  }

  /** Whether the loss or the penalty, as they are computed, has a kink in what is estimated. */
  public boolean hasKinks() {
    return Stream.concat(Stream.of(loss()), penalty().stream())
        .map(part -> Rewriter.rewrite(part, Set.of()).model())
        .anyMatch(Smoothness::hasKinks);
  }

  /**
   * The same with smooth quantile losses.
   *
   * @param width of the interval that is rounded off, above 0, in the units of the residuals
   */
  public FreeModel smoothed(double width) {
    return new FreeModel(
        this,
        new CompiledModel(
            SmoothedPinball.of(loss(), width),
            penalty().map(penalty -> SmoothedPinball.of(penalty, width))),
        bounds);
  }

  /** The same with free elements between bounds. */
  public FreeModel within(SeparablePenalty bounds) {
    return new FreeModel(this, model, Optional.of(bounds));
  }

  /** The bounds of free elements, without a penalty. */
  public SeparablePenalty bounds() {
    return bounds.orElseGet(() -> SeparablePenalty.none(layout().length()));
  }

  /** The free elements that are on no bound: only of these can more be said than their values. */
  public Elements estimated(double[] x) {
    return new Elements(
        bounds.map(b -> b.smooth(x)).orElseGet(() -> IntStream.range(0, x.length).toArray()),
        x.length);
  }

  /** One sample's loss. */
  public Model loss() {
    return model.loss();
  }

  public Optional<Model> penalty() {
    return model.penalty();
  }

  /** What is estimated. */
  public List<String> wrt() {
    return wrt;
  }

  /** Every parameter's shape on the natural scale. */
  public Map<String, Shape> shapes() {
    return shapes;
  }

  /** Where the free elements of each parameter lie. */
  public Layout layout() {
    return Layout.of(model.loss(), wrt);
  }

  /** Where each parameter lies on the natural scale. */
  public Layout naturalLayout() {
    List<Layout.Entry> entries = new ArrayList<>();
    int offset = 0;
    for (String name : wrt) {
      entries.add(new Layout.Entry(name, offset, shapes.get(name)));
      offset += shapes.get(name).size();
    }
    return new Layout(entries);
  }

  /** Whether a parameter is estimated on its natural scale. */
  public boolean isNatural(String name) {
    return !transforms.containsKey(name);
  }

  /** Whether each element of a parameter is made of one free element, the one in its place. */
  public boolean hasOwnElements(String name) {
    return switch (transform(name)) {
      case NONE, LOG, LOGIT -> true;
      case ORDERED, SIMPLEX -> false;
    };
  }

  /** The scale on which a parameter is estimated. */
  public Transform transform(String name) {
    return transforms.getOrDefault(name, Transform.NONE);
  }

  /** The free elements of the given values, moved into their bounds; length P. */
  public double[] start() {
    double[] x = layout().flat(given);
    return bounds.map(b -> b.within(x)).orElse(x);
  }

  /** Every parameter's free elements, where what is estimated has these. */
  public Map<String, double[]> free(double[] x) {
    Map<String, double[]> parameters = new LinkedHashMap<>(given);
    for (Layout.Entry entry : layout().entries()) {
      double[] values = new double[entry.shape().size()];
      System.arraycopy(x, entry.offset(), values, 0, values.length);
      parameters.put(entry.name(), values);
    }
    return parameters;
  }

  /** Every parameter's values on the natural scale, as they are declared. */
  public Map<String, double[]> natural(double[] x) {
    Map<String, double[]> parameters = free(x);
    List<String> transformed =
        transforms.keySet().stream()
            .map(ParameterFunctions::naturalName)
            .collect(Collectors.toList());
    Map<String, double[]> values = natural.values(parameters, transformed);
    transforms
        .keySet()
        .forEach(name -> parameters.put(name, values.get(ParameterFunctions.naturalName(name))));
    return parameters;
  }

  /**
   * The covariance of what is estimated on its natural scale, to first order, from that of the free
   * elements.
   *
   * @param covariance of free elements, order P
   */
  public SymmetricMatrix naturalCovariance(double[] x, SymmetricMatrix covariance) {
    return transforms.isEmpty() ? covariance : Congruence.of(naturalJacobian(x), covariance);
  }

  /** The Jacobian of what is estimated on its natural scale: K x P, row-major. */
  public double[] naturalJacobian(double[] x) {
    return naturalJacobian(x, wrt);
  }

  /** As the other one, of the first of what is estimated. */
  public double[] naturalJacobian(double[] x, List<String> first) {
    Layout free = layout();
    Layout own = new Layout(naturalLayout().entries().subList(0, first.size()));
    int p = free.length();
    List<String> transformed =
        first.stream()
            .filter(transforms::containsKey)
            .map(ParameterFunctions::naturalName)
            .toList();
    Map<String, double[]> jacobians = natural.jacobians(free(x), transformed);
    double[] rows = new double[own.length() * p];
    for (int e = 0; e < first.size(); e++) {
      Layout.Entry entry = own.entries().get(e);
      double[] jacobian = jacobians.get(ParameterFunctions.naturalName(entry.name()));
      if (jacobian != null) {
        System.arraycopy(jacobian, 0, rows, entry.offset() * p, jacobian.length);
      } else {
        for (int k = 0; k < entry.shape().size(); k++) {
          rows[(entry.offset() + k) * p + free.entries().get(e).offset() + k] = 1;
        }
      }
    }
    return rows;
  }

  /** Functions of the parameters. */
  public ParameterValues functions() {
    return natural;
  }
}

package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ParameterConfig;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.ParameterFunctions;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.source.CachedRows;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.Source;

/**
 * What is estimated from what, once the shapes of the input tensors are known.
 *
 * @param rows the samples of the input, with rows invalid where an index is out of range; or those
 *     kept of it
 * @param model the loss as a function of free elements
 * @param objective its sum
 * @param names what elements are called
 * @param told the parameters that results are about: the first of those that are estimated
 */
record Estimation(
    RowSamples rows,
    FreeModel model,
    SummedObjective objective,
    ElementNames names,
    List<String> told) {

  /** Which parameters are estimated. */
  enum Extent {
    /** Those that {@code derive.wrt} names; the others keep their values. */
    NAMED,
    /**
     * All but those that are fixed, or that the fit which found the others held: {@code derive.wrt}
     * chooses what is told, and what is not named is no more known for that.
     */
    WHOLE
  }

  /** What a command makes of samples that executors keep. */
  @FunctionalInterface
  interface Work<T> {
    T run(Estimation kept);
  }

  /** Does what passes over the samples many times: they are read once. */
  <T> T keeping(RunConfiguration configuration, Work<T> work) {
    try (CachedSamples kept = source().keep()) {
      return work.run(
          new Estimation(
              rows, model, new SummedObjective(kept, model, configuration), names, told));
    }
  }

  /** As {@link #keeping}, for what also makes something of each row. */
  <T> T keepingRows(RunConfiguration configuration, Work<T> work) {
    try (CachedRows kept = source().keepRows()) {
      return work.run(
          new Estimation(
              kept, model, new SummedObjective(kept, model, configuration), names, told));
    }
  }

  /** Bytes that the tasks of a pass hand on by way of disks. */
  long handedOn(Request.Global asked) {
    return DiskCheck.handedOn(objective.spec(asked), source().partitions());
  }

  /** The input. */
  Source source() {
    return rows.source();
  }

  /**
   * Gives the loss its shapes.
   *
   * @param functions further functions of the parameters
   * @param extent which parameters are estimated
   * @throws org.sparkcurvature.job.config.ConfigurationException if shapes do not meet
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if nothing is to be
   *     estimated, or a parameter's values do not fit its shape or scale
   */
  static Estimation of(
      ParsedJob parsedJob, Source source, ParameterFunctions functions, Extent extent) {
    RunConfiguration configuration = parsedJob.configuration();
    GivenParameters parameters = GivenParameters.of(configuration, source);
    List<String> named = told(configuration, extent);
    List<String> told = withoutNuisances(configuration, named);
    List<String> wrt = new ArrayList<>(told);
    named.stream().filter(name -> !told.contains(name)).forEach(wrt::add);
    wrt = extent == Extent.NAMED ? List.copyOf(wrt) : withUntold(configuration, wrt);
    Map<String, Transform> transforms = transforms(configuration, wrt, parameters.shapes());
    CompiledModel compiled =
        parsedJob.withShapes(
            () -> parsedJob.loss().compile(source.shapes(), parameters.shapes(), transforms));
    Model compiledFunctions =
        parsedJob.withShapes(() -> functions.compile(parameters.shapes(), transforms));
    ElementNames names = ElementNames.of(configuration);
    FreeModel model =
        HeldElements.bounded(
            configuration,
            new FreeModel(
                compiled,
                compiledFunctions,
                wrt,
                parameters.shapes(),
                transforms,
                parameters.values()),
            names);
    Source checked = source.checkedFor(compiled.loss()).comparingPasses();
    return new Estimation(
        checked, model, new SummedObjective(checked, model, configuration), names, told);
  }

  /** The same with further free elements held at a point. */
  Estimation holding(int[] elements, double[] point) {
    FreeModel holding = model.within(model.bounds().holding(elements, point));
    return new Estimation(rows, holding, objective.of(holding), names, told);
  }

  private static List<String> told(RunConfiguration configuration, Extent extent) {
    Map<String, ParameterConfig> parameters = configuration.model().parameters();
    List<String> told =
        configuration.derive().request().wrt().stream()
            .filter(
                name ->
                    parameters.get(name).standing() == ParameterConfig.Standing.FREE
                        || parameters.get(name).standing() == ParameterConfig.Standing.HELD
                            && extent == Extent.NAMED)
            .toList();
    if (told.isEmpty()) {
      throw Errors.configuration(
          extent == Extent.NAMED
              ? "there is nothing to estimate: every parameter is fixed"
              : "there is nothing to say of: every parameter is fixed, or was held by the fit",
          "curvature.model.parameters",
          "leave fixed = true out for one of them, or name one that is estimated in derive.wrt");
    }
    return told;
  }

  /** What of it is told of: all where there is nothing but nuisances. */
  private static List<String> withoutNuisances(RunConfiguration configuration, List<String> named) {
    List<String> told =
        named.stream()
            .filter(name -> !configuration.model().parameters().get(name).nuisance())
            .toList();
    return told.isEmpty() ? named : told;
  }

  /** What is estimated beside what is told of. */
  private static List<String> withUntold(RunConfiguration configuration, List<String> told) {
    List<String> all = new ArrayList<>(told);
    configuration
        .model()
        .parameters()
        .forEach(
            (name, parameter) -> {
              if (parameter.standing() == ParameterConfig.Standing.FREE && !told.contains(name)) {
                all.add(name);
              }
            });
    return List.copyOf(all);
  }

  /**
   * Refuses a loss whose Hessian says nothing of its minimum.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if there is a pinball
   */
  void refusePinball() {
    if (model.hasPinball()) {
      throw Errors.noAnswer(
          "the loss has a pinball, whose Hessian is 0: no covariance and no influence comes of it",
          "curvature.model.loss",
          "resample the rows and fit again (the bootstrap), or fit and infer with the smooth"
              + " tau * r + h * softplus(-r / h), h a fixed width");
    }
  }

  /** Where the parameters that are told of lie on the natural scale: first. */
  Layout toldLayout() {
    return new Layout(model.naturalLayout().entries().subList(0, told.size()));
  }

  /** The parameters that are estimated beside those that are told of. */
  List<String> profiled() {
    return model.wrt().subList(told.size(), model.wrt().size());
  }

  private static Map<String, Transform> transforms(
      RunConfiguration configuration, List<String> wrt, Map<String, Shape> shapes) {
    Map<String, Transform> transforms = new LinkedHashMap<>();
    for (String name : wrt) {
      ParameterConfig parameter = configuration.model().parameters().get(name);
      if (parameter.held().size() == shapes.get(name).size()) {
        continue; // It may be held at an end of its range, which the other scale has not.
      }
      Transform transform = parameter.transform();
      if (!transform.fits(shapes.get(name))) {
        throw Errors.configuration(
            "the parameter %s has the shape %s, and its transform takes a vector of at least 2 elements"
                .formatted(name, shapes.get(name)),
            "curvature.model.parameters." + name,
            "give another shape or transform");
      }
      if (transform != Transform.NONE) {
        transforms.put(name, transform);
      }
    }
    return transforms;
  }

  /** What the free elements are called: those of a transformed parameter by its name. */
  List<String> freeNames() {
    return model.layout().entries().stream()
        .flatMap(entry -> names.names(entry.name(), entry.shape()).stream())
        .toList();
  }
}

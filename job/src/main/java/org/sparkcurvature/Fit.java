package org.sparkcurvature;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.command.Programs;

/** A minimum that a fit reached. */
public final class Fit extends Predicting {
  private final Programs.Fitted fitted;

  Fit(Programs.Fitted fitted) {
    super(fitted.model(), fitted.writing());
    this.fitted = fitted;
  }

  /** The objective there: the sum of losses, and the penalty. */
  public double value() {
    return fitted.summary().result().value();
  }

  /** Iterations that it took. */
  public int iterations() {
    return fitted.summary().result().state().iteration();
  }

  /** What estimates are called, in the order of {@link #estimates}. */
  public List<String> names() {
    return fitted.names();
  }

  /** What was estimated, on its natural scale. */
  public double[] estimates() {
    return fitted.summary().estimates().clone();
  }

  /** Every parameter's elements, row-major, by name. */
  public Map<String, double[]> parameters() {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    fitted.parameters().forEach((name, values) -> parameters.put(name, values.clone()));
    return parameters;
  }

  /** The names of all parameters. */
  public List<String> parameterNames() {
    return List.copyOf(fitted.parameters().keySet());
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian, row-major; names as JSON.
   *
   * @param what {@code names}, {@code estimates}, or {@code parameter} and the name of one
   */
  public byte[] bytes(String what) {
    if (what.startsWith("parameter ") && fitted.parameters().containsKey(what.substring(10))) {
      return Packed.doubles(fitted.parameters().get(what.substring(10)));
    }
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "estimates" -> Packed.doubles(estimates());
      default -> throw Packed.unknown(what, "names, estimates, parameter NAME");
    };
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return fitted.summary().run().warnings();
  }
}

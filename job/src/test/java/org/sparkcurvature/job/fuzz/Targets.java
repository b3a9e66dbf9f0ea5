package org.sparkcurvature.job.fuzz;

import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.ParametersTarget;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.fit.CheckpointTarget;
import org.sparkcurvature.job.formula.FormulaExpansion;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.language.LanguageException;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.sink.ManifestTarget;
import org.sparkcurvature.job.source.Numbers;

/**
 * What reads text that others write. Each takes any bytes, and may throw nothing but what becomes a
 * message with exit code 2, 3 or 4: everything else that leaves a target is a defect.
 */
public final class Targets {
  private Targets() {}

  /** A target. */
  @FunctionalInterface
  public interface Target {
    void read(byte[] bytes);
  }

  /** By name, as {@code deploy/fuzz} has them. */
  public static Map<String, Target> all() {
    Map<String, Target> all = new LinkedHashMap<>();
    all.put("configuration", Targets::configuration);
    all.put("loss", Targets::loss);
    all.put("parameters", Targets::parameters);
    all.put("checkpoint", CheckpointTarget::read);
    all.put("manifest", ManifestTarget::read);
    all.put("numbers", Targets::numbers);
    return all;
  }

  private static final Map<String, Shape> TENSORS =
      Map.of("x", Shape.of(2), "y", Shape.SCALAR, "i", Shape.SCALAR, "m", Shape.of(2, 3));
  private static final Map<String, Shape> PARAMETERS =
      Map.of("p", Shape.SCALAR, "q", Shape.of(2), "r", Shape.of(3, 2));
  private static final Map<String, double[]> VALUES =
      Map.of(
          "p", new double[] {0.5},
          "q", new double[] {0.25, -0.75},
          "r", new double[] {0.1, 0.2, 0.3, 0.4, 0.5, 0.6});

  /** A configuration. */
  public static void configuration(byte[] bytes) {
    try {
      RunConfiguration read =
          new ConfigurationLoader(
                  location -> {
                    if (location.equals("base.conf")) {
                      return bytes;
                    }
                    throw new NoSuchFileException(location);
                  },
                  Map.of(),
                  LossModel::problems)
              .load(List.of("base.conf"), List.of())
              .configuration();
      if (read.model().formula().isPresent()) {
        FormulaExpansion.parse(read.model().formula().get());
      } else {
        LossModel.parse(read.input(), read.model());
      }
    } catch (ConfigurationException | LanguageException | JobException e) {
      require(e.getMessage());
    }
  }

  /** A loss: parsed, given shapes, differentiated, planned, and computed at one sample. */
  public static void loss(byte[] bytes) {
    String loss = new String(bytes, StandardCharsets.UTF_8);
    try {
      CompiledModel model =
          LossModel.parse(TENSORS.keySet(), PARAMETERS.keySet(), Map.of(), loss, Optional.empty())
              .compile(TENSORS, PARAMETERS);
      DerivativeSpec spec =
          new DerivativeSpec(
              model.loss(),
              Request.by("p", "q", "r")
                  .withSamples(
                      Request.PerSample.NONE
                          .withValue()
                          .withGradient()
                          .withHessian(Request.SampleHessianForm.PACKED)),
              Precision.DOUBLE,
              1 << 20);
      try (Engine engine = spec.open(VALUES)) {
        fill(engine, model, "x", 0.3, -1.25);
        fill(engine, model, "y", 2);
        fill(engine, model, "i", 1);
        fill(engine, model, "m", 0.1, -0.2, 0.3, -0.4, 0.5, -0.6);
        engine.evaluate(1);
      }
    } catch (LanguageException e) {
      require(e.getMessage());
      e.faults().forEach(fault -> require(fault.toProblem(Optional.empty()).toString()));
    } catch (JobException e) {
      require(e.getMessage());
    } catch (NonFiniteException e) {
      require(e.where());
    }
  }

  private static void fill(Engine engine, CompiledModel model, String name, double... values) {
    if (model.loss().inputs().containsKey(name)) {
      System.arraycopy(values, 0, engine.input(name), 0, values.length);
    }
  }

  /** A file of parameters. */
  public static void parameters(byte[] bytes) {
    try {
      ParametersTarget.read(bytes);
    } catch (ConfigurationException | JobException e) {
      require(e.getMessage());
    }
  }

  /** A cell of CSV: what the fast reader takes for a number is the number that Java reads. */
  public static void numbers(byte[] bytes) {
    double fast = Numbers.fast(bytes);
    if (!Double.isNaN(fast)) {
      double slow = Double.parseDouble(new String(bytes, StandardCharsets.UTF_8));
      if (Double.doubleToLongBits(fast) != Double.doubleToLongBits(slow)) {
        throw new AssertionError(fast + " is read where Java reads " + slow);
      }
    }
  }

  private static void require(String message) {
    if (message == null || message.isBlank()) {
      throw new AssertionError("a refusal without a message");
    }
    if (message.length() > 20_000) {
      throw new AssertionError("a message of " + message.length() + " characters");
    }
  }
}

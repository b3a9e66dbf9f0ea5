package org.sparkcurvature.job.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.fit.Checkpoint;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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
    all.put("checkpoint", Targets::checkpoint);
    all.put("manifest", ManifestTarget::read);
    all.put("numbers", Targets::numbers);
    return all;
  }

  private static final String MODEL =
      """
      curvature {
        input { path = "d.csv", tensors { x = [a, b], y = c, i = d, m { column = e, shape = [2, 3] } } }
        model { parameters { p = 0.5, q { shape = [2], fill = 0.25 }, r { shape = [3, 2], fill = 0.125 } }
                %s }
        derive { wrt = [p, q, r] }
        output.path = "out/t"
      }
      """;

  private static LoadedConfiguration load(String text, Map<String, byte[]> others) {
    return new ConfigurationLoader(
            location -> {
              if (location.equals("base.conf")) {
                return text.getBytes(StandardCharsets.UTF_8);
              }
              byte[] other = others.get(location);
              if (other == null) {
                throw new NoSuchFileException(location);
              }
              return other;
            },
            Map.of(),
            LossModel::problems)
        .load(List.of("base.conf"), List.of());
  }

  /** A configuration. */
  public static void configuration(byte[] bytes) {
    try {
      RunConfiguration read =
          load(new String(bytes, StandardCharsets.UTF_8), Map.of()).configuration();
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
    String loss = quoted(new String(bytes, StandardCharsets.UTF_8));
    try {
      RunConfiguration read = load(MODEL.formatted("loss = " + loss), Map.of()).configuration();
      CompiledModel model =
          LossModel.parse(read.input(), read.model())
              .compile(
                  Map.of(
                      "x", Shape.of(2), "y", Shape.SCALAR, "i", Shape.SCALAR, "m", Shape.of(2, 3)),
                  Map.of("p", Shape.SCALAR, "q", Shape.of(2), "r", Shape.of(3, 2)));
      DerivativeSpec derivation =
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
      try (Engine engine =
          derivation.open(
              Map.of(
                  "p",
                  new double[] {0.5},
                  "q",
                  new double[] {0.25, -0.75},
                  "r",
                  new double[] {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}))) {
        fill(engine, model, "x", 0.3, -1.25);
        fill(engine, model, "y", 2);
        fill(engine, model, "i", 1);
        fill(engine, model, "m", 0.1, -0.2, 0.3, -0.4, 0.5, -0.6);
        engine.evaluate(1);
      }
    } catch (LanguageException e) {
      require(e.getMessage());
    } catch (ConfigurationException | JobException e) {
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
      load(
          MODEL.formatted("loss = \"p + dot(q, x)\", parameters-from = \"p.json\""),
          Map.of("p.json", bytes));
    } catch (ConfigurationException | JobException e) {
      require(e.getMessage());
    }
  }

  /** A file of a checkpoint, with the checksum that it should have: no guess comes upon that. */
  public static void checkpoint(byte[] bytes) {
    try {
      Path folder = Files.createTempDirectory("fuzz");
      Path file = folder.resolve("state-0000000003.json");
      try {
        Files.write(file, sealed(bytes));
        Checkpoint.open(folder.toString(), "a fit", new Configuration(false), warning -> {}).last();
      } catch (JobException e) {
        require(e.getMessage());
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same file with the checksum of its content; the bytes themselves where it has none. */
  private static byte[] sealed(byte[] bytes) throws IOException {
    try {
      if (JSON.readTree(bytes) instanceof ObjectNode file && file.has("content")) {
        CRC32C checksum = new CRC32C();
        checksum.update(JSON.writeValueAsBytes(file.get("content")));
        file.put("crc32c", Long.toHexString(checksum.getValue()));
        return JSON.writeValueAsBytes(file);
      }
      return bytes;
    } catch (JsonProcessingException | CharConversionException e) {
      return bytes;
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

  /** As a string of JSON, which HOCON reads. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}

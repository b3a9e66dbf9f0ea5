package org.sparkcurvature.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;

/** The reader of files of parameters, for the fuzzers. */
public final class ParametersTarget {
  /** Read once: what is fuzzed is the file that it names. */
  private static final Config RESOLVED =
      ConfigFactory.parseString(
              """
              curvature {
                input { path = "d.csv", tensors { x = [a, b], y = c } }
                model {
                  parameters { p = 0.5, q { shape = [2], fill = 0.25 }, r { shape = [3, 2], fill = 0.125 } }
                  parameters-from = "p.json"
                  loss = "p + dot(q, x)"
                }
              }
              """)
          .withFallback(Defaults.load())
          .resolve();

  private ParametersTarget() {}

  /**
   * Reads a file for a model that declares p of shape [], q of shape [2] and r of shape [3, 2].
   *
   * @throws ConfigurationException for what it refuses
   */
  public static void read(byte[] bytes) {
    Decoding decoding = new Decoding(RESOLVED.getObject("curvature"));
    Block root = new Setting("", RESOLVED.root().get("curvature"), decoding).block();
    ModelNames names = new ModelNames(decoding);
    ModelDecoder.decode(
        root.block("model"),
        root.block("input"),
        Inputs.DECODED,
        names,
        location -> bytes,
        ExpressionReader.NONE);
    if (!decoding.problems().isEmpty()) {
      throw new ConfigurationException(decoding.problems());
    }
  }

  /** The block that does not change with the file. */
  private static final class Inputs {
    private static final InputConfig DECODED =
        new ConfigurationLoader(location -> new byte[0], Map.of())
            .decode(
                RESOLVED.withoutPath("curvature.model.parameters-from"),
                new Decoding(RESOLVED.getObject("curvature")),
                Purpose.DERIVATIVES)
            .input();
  }
}

package org.sparkcurvature.job.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.util.List;
import org.sparkcurvature.job.sink.Checksum;

/** By what two configurations are known to ask for the same result. */
final class Fingerprint {
  private Fingerprint() {}

  /** Keys that say how a run goes, and change nothing of its result. */
  private static final List<String> OF_THE_RUN = List.of("curvature.output.mode", "curvature.run");

  /**
   * A fingerprint of a configuration.
   *
   * @param resolved as {@code config.conf} has it; secrets are masked there, and do not count
   */
  static String of(String resolved) {
    Config configuration = ConfigFactory.parseString(resolved);
    for (String path : OF_THE_RUN) {
      configuration = configuration.withoutPath(path);
    }
    return Checksum.of(configuration.root().render(ConfigRenderOptions.concise()));
  }
}

package org.sparkcurvature.job.config;

import java.util.List;

/**
 * The block {@code compare}.
 *
 * @param models folders that fits or estimates wrote
 */
public record CompareConfig(List<String> models) {
  public CompareConfig {
    models = List.copyOf(models);
  }

  static CompareConfig decode(Block block) {
    CompareConfig config = new CompareConfig(InputDecoder.distinct(block, "models"));
    block.end();
    return config;
  }
}

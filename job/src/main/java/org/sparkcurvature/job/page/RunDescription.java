package org.sparkcurvature.job.page;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.result.RunSummary;

/**
 * What every page says of its run.
 *
 * @param command such as {@code estimate}
 * @param model as it was computed with
 * @param formula as it was written, where there was one
 * @param rows how many there were, where they were counted
 * @param weight sum of the weights of the rows used
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program
 * @param machinery what computed it, where that was taken down
 * @param warnings whole sentences
 * @param configuration as resolved, secrets masked
 * @param inputs the files read, as far as they are files
 * @param files what has been written
 * @param output the folder of the result
 * @param ended when the page was made
 */
public record RunDescription(
    String command,
    ModelConfig model,
    Optional<String> formula,
    Optional<RunSummary.Rows> rows,
    double weight,
    Map<String, Double> seconds,
    double totalSeconds,
    Optional<RunSummary.Machinery> machinery,
    Map<String, String> versions,
    List<String> warnings,
    String configuration,
    List<Input> inputs,
    List<Written> files,
    String output,
    ZonedDateTime ended) {

  /**
   * A file that was read.
   *
   * @param modified milliseconds since 1970
   */
  public record Input(String path, long bytes, long modified) {}

  /**
   * A file or table of the result.
   *
   * @param rows where it is a table whose rows are known
   */
  public record Written(String path, long bytes, OptionalLong rows) {}
}

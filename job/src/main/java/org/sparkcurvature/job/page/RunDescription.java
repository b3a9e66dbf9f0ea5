package org.sparkcurvature.job.page;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.sink.OutputFolder;
import org.sparkcurvature.job.source.InputListing;

/**
 * What every page says of its run.
 *
 * @param repeat the command that makes the result again, beside it
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
    String repeat,
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
    List<InputListing.Entry> inputs,
    List<OutputFolder.Listed> files,
    String output,
    ZonedDateTime ended) {}

package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.job.config.Reduction;

/**
 * A run in numbers: the content of {@code summary.json} and of the console.
 *
 * @param command what was run, such as {@code derive}
 * @param rows how many rows there were
 * @param weight sum of the weights of the rows used
 * @param reduction how losses were summed up
 * @param layout the flattened vector
 * @param objective the objective and its derivatives at the given parameters
 * @param reading what the Hessian's eigenvalues say
 * @param seconds where the time went, by stage
 * @param totalSeconds from the start of the program until everything but the summary was written
 * @param machinery what computed it
 * @param warnings whole sentences
 */
public record RunSummary(
    String command,
    Rows rows,
    double weight,
    Reduction reduction,
    Layout layout,
    Objective objective,
    HessianReading reading,
    Map<String, Double> seconds,
    double totalSeconds,
    Machinery machinery,
    List<String> warnings) {

  /**
   * Counts of rows.
   *
   * @param read rows that came from the input, after {@code where} and {@code limit}
   * @param used valid rows whose weight is not 0: what the sums are made of
   * @param rejected invalid rows that were left out
   * @param rejectedBy how many of them for which reason, the most frequent first
   */
  public record Rows(long read, long used, long rejected, Map<String, Long> rejectedBy) {
    public Rows {
      rejectedBy = Collections.unmodifiableMap(new LinkedHashMap<>(rejectedBy));
    }

    /** Counts of an input without invalid rows. */
    public static Rows valid(long read, long used) {
      return new Rows(read, used, 0, Map.of());
    }

    /**
     * A sentence on the invalid rows; empty where there are none.
     *
     * @param fate what became of them, as {@code left out}
     */
    public Optional<String> rejection(String fate) {
      if (rejected == 0) {
        return Optional.empty();
      }
      String reasons =
          rejectedBy.entrySet().stream()
              .limit(TOLD)
              .map(reason -> reason.getKey() + " (" + count(reason.getValue()) + ")")
              .collect(Collectors.joining("; "));
      return Optional.of(
          "%s of %s rows are invalid and %s, %s%%: %s%s"
              .formatted(
                  count(rejected),
                  count(read),
                  fate,
                  share(),
                  reasons,
                  rejectedBy.size() > TOLD ? "; ..." : ""));
    }

    private String share() {
      double percent = 100.0 * rejected / read;
      return percent < 0.01
          ? "less than 0.01"
          : String.format(Locale.ROOT, percent < 1 ? "%.2f" : "%.1f", percent);
    }

    private static String count(long rows) {
      return String.format(Locale.ROOT, "%,d", rows);
    }
  }

  /** Reasons that a sentence tells. */
  private static final int TOLD = 5;

  /**
   * What computed the numbers.
   *
   * @param versions by name: spark-curvature, spark, nd4j, java
   * @param backend the library under ND4J
   * @param device where blocks were computed
   * @param precision arithmetic inside a block
   * @param blockRows the most samples in a block
   * @param traffic what tasks did, by stage
   */
  public record Machinery(
      Map<String, String> versions,
      String backend,
      String device,
      Precision precision,
      int blockRows,
      Map<String, StageMetrics> traffic) {
    public Machinery {
      traffic = Collections.unmodifiableMap(new LinkedHashMap<>(traffic));
      versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    }
  }

  public RunSummary {
    requireNonNull(rows);
    requireNonNull(objective);
    requireNonNull(reading);
    requireNonNull(machinery);
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
    warnings = List.copyOf(warnings);
  }

  /** Rows of the global pass in a second; 0 where there was no such stage. */
  public double rowsPerSecond() {
    double pass = seconds.getOrDefault("global_pass", 0.0);
    return pass > 0 ? rows.read() / pass : 0;
  }
}

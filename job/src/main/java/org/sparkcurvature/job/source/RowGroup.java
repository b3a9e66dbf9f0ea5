package org.sparkcurvature.job.source;

/**
 * Rows of a file that are read at once.
 *
 * @param kind what the file's format calls them
 * @param file where they are
 * @param bytes of the columns that are read
 */
public record RowGroup(Kind kind, String file, long bytes) {

  /** What a format calls rows that are read at once. */
  public enum Kind {
    PARQUET("row group", "parquet.block.size"),
    ORC("stripe", "orc.stripe.size");

    private final String singular;
    private final String option;

    Kind(String singular, String option) {
      this.singular = singular;
      this.option = option;
    }

    /** {@code row group}, {@code 2 row groups}: what messages call so many. */
    public String counted(int count) {
      return count == 1 ? singular : count + " " + singular + "s";
    }

    /** The option of the format's writer for their size. */
    public String option() {
      return option;
    }
  }
}

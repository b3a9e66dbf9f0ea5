package org.sparkcurvature.job.config;

import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.job.errors.PublicText;

/** The configuration was refused; all that is wrong with it, in one message. Exit code 2. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Problems that are listed: about a screen. */
  private static final int SHOWN = 12;

  /** The longest entry in full, in characters, and what is kept of a longer one's end. */
  private static final int LONGEST = 1200;

  private static final int TAIL = 300;

  private final transient List<Problem> problems;

  /**
   * @param problems at least one
   */
  public ConfigurationException(List<Problem> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  /** Everything wrong, in the order of the configuration's blocks. */
  public List<Problem> problems() {
    return problems;
  }

  private static String message(List<Problem> problems) {
    String count = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    return count + " in the configuration\n" + list(problems, "  ");
  }

  /**
   * A list that a person can read: the first {@link #SHOWN} entries, a line or more each, and how
   * many there are beside them.
   */
  public static String list(List<?> entries, String indent) {
    String shown =
        entries.stream()
            .limit(SHOWN)
            .map(entry -> indent + cut(entry.toString()))
            .collect(Collectors.joining("\n"));
    return entries.size() <= SHOWN
        ? shown
        : shown + "\n%s... and %,d more".formatted(indent, entries.size() - SHOWN);
  }

  /** What was written can be megabytes; its beginning and end tell what it is. */
  public static String cut(String written) {
    // A secret that is cut in two has no form any more.
    String entry = PublicText.masked(written);
    return entry.length() <= LONGEST
        ? entry
        : entry.substring(0, LONGEST - TAIL) + " ... " + entry.substring(entry.length() - TAIL);
  }
}

package org.sparkcurvature.job.language;

import java.util.List;
import org.sparkcurvature.job.config.ConfigurationException;

/** Expressions were refused: everything that is wrong with them. */
public final class LanguageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  /**
   * @param faults at least one
   */
  public LanguageException(List<Fault> faults) {
    super(ConfigurationException.list(faults, ""));
    this.faults = List.copyOf(faults);
  }

  /** Everything wrong, expression by expression. */
  public List<Fault> faults() {
    return faults;
  }
}

package org.sparkcurvature.job.config;

/** What happens when the output folder exists. */
public enum OutputMode {
  /** The run is refused before anything is computed. */
  ERROR,
  /** The new result replaces the old one; readers never find a mixture. */
  OVERWRITE,
  /** A complete result is left as it is and the run is done; an incomplete one is replaced. */
  IGNORE
}

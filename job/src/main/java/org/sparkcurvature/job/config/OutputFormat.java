package org.sparkcurvature.job.config;

/** The file format of tables in the output folder. */
public enum OutputFormat {
  PARQUET
}

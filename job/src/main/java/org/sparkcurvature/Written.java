package org.sparkcurvature;

import org.sparkcurvature.job.command.Programs;

/** A result that can be written to a folder, as the command of its name writes it. */
abstract class Written {
  private final Programs.Writing writing;

  Written(Programs.Writing writing) {
    this.writing = writing;
  }

  /**
   * Writes what the command writes.
   *
   * @param path a folder that does not exist
   */
  public void write(String path) {
    write(path, "error");
  }

  /**
   * As the other one.
   *
   * @param mode {@code error}, or {@code overwrite} for an earlier result of this program there
   */
  public void write(String path, String mode) {
    Curvature.write(writing, path, mode);
  }
}

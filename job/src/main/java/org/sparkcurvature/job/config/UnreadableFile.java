package org.sparkcurvature.job.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What a failure to read a file is called. */
final class UnreadableFile {
  private UnreadableFile() {}

  static String reason(String location, IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return location + " does not exist";
    }
    if (failure instanceof AccessDeniedException) {
      return location + " may not be read: permission denied";
    }
    return location + " cannot be read: " + failure.getMessage();
  }
}

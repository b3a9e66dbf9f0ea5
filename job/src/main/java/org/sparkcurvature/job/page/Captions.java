package org.sparkcurvature.job.page;

/** Sentences above pictures. */
final class Captions {
  private Captions() {}

  /** With a capital letter. */
  static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}

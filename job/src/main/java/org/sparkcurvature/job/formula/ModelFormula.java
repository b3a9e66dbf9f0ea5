package org.sparkcurvature.job.formula;

import org.sparkcurvature.job.language.Formula;

/**
 * {@code response ~ predictor}.
 *
 * @param response what stands left of {@code ~}
 * @param predictor what stands right of it
 */
public record ModelFormula(Response response, Predictor predictor) {

  /**
   * Reads a formula.
   *
   * @param path its key in the configuration
   * @throws org.sparkcurvature.job.language.LanguageException with the place of what is wrong
   */
  public static ModelFormula parse(String path, String text) {
    return new FormulaParser(new Formula(path, text)).formula();
  }

  /** Reads the right side alone, as {@code predictors} holds it. */
  public static Predictor parsePredictor(String path, String text) {
    return new FormulaParser(new Formula(path, text)).predictorAlone();
  }

  /** Reads the left side alone. */
  public static Response parseResponse(String path, String text) {
    return new FormulaParser(new Formula(path, text)).responseAlone();
  }
}

package org.sparkcurvature.job.result;

import java.util.Map;
import org.sparkcurvature.job.fit.FitResult;

/**
 * One fit of a path over factors of the l1 penalty.
 *
 * @param l1 the factors, in words
 * @param result where it ended
 * @param nonzeros how many elements are not 0
 * @param values every estimated parameter's elements on their natural scale, row-major
 */
public record PathStep(String l1, FitResult result, int nonzeros, Map<String, double[]> values) {}

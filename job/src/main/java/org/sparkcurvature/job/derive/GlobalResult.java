package org.sparkcurvature.job.derive;

import org.sparkcurvature.objective.Sums;

/**
 * What one pass over the samples adds up to.
 *
 * @param sums the sums that the request asks for; nothing added where it asks for none
 * @param counts what became of the rows
 */
public record GlobalResult(Sums sums, RowCounts counts) {}

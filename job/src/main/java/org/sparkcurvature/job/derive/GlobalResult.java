package org.sparkcurvature.job.derive;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.watch.FittedValues;

/**
 * What one pass over the samples adds up to.
 *
 * @param sums the sums that the request asks for; nothing added where it asks for none
 * @param counts what became of the rows
 * @param devices what the sums were computed on; empty where nothing was summed
 * @param fitted what rows were like, where that was asked for
 */
public record GlobalResult(
    Sums sums, RowCounts counts, List<ComputeDevice> devices, Optional<FittedValues> fitted) {}

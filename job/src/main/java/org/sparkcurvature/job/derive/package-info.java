/**
 * The passes over the samples: one that adds up ({@link org.sparkcurvature.job.derive.GlobalPass}),
 * one that hands on the results of each block ({@link org.sparkcurvature.job.derive.SamplePass}),
 * and made of it one that gives them row by row ({@link
 * org.sparkcurvature.job.derive.PerSamplePass}). Each task owns one engine, fills its blocks and
 * closes it.
 *
 * <p>In the global pass an invalid row or a result that is not finite comes back as a value, not as
 * a failure of the task: Spark would run the task again, with the same end, and log a stack trace
 * each time.
 */
package org.sparkcurvature.job.derive;

/**
 * Everything that the program says when it gives up. A fault that a user can mend is a {@link
 * org.sparkcurvature.job.errors.JobException}: what happened, where, and how to mend it, with the
 * exit code. All of them are made in {@link org.sparkcurvature.job.errors.Errors}, so that they can
 * be read, compared and kept consistent in one place. Anything else that is thrown is a defect of
 * the program or of the cluster.
 */
package org.sparkcurvature.job.errors;

/**
 * What the rows of a table are like, seen while they are written: distributions and extreme rows,
 * without a pass of their own and in memory that does not grow with them.
 */
package org.sparkcurvature.job.watch;

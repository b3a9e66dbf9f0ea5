/** What a fitted model says of rows: predictions, residuals, and averages of effects over them. */
package org.sparkcurvature.job.predict;

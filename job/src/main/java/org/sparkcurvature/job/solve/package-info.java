/**
 * The driver's linear algebra: what is made of the sums once they have been reduced. Breeze and the
 * LAPACK that it brings are used here and nowhere else.
 */
package org.sparkcurvature.job.solve;

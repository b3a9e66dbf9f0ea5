/**
 * The driver's linear algebra: what is made of the sums once they have been reduced. Breeze is used
 * here and nowhere else.
 */
package org.sparkcurvature.job.solve;

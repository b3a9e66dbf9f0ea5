/**
 * What {@code check} says of a configuration before anyone computes with it: the graph with its
 * shapes, how each derivative is computed, the memory that takes, and whether the derivatives agree
 * with central differences at the first rows. Writes no files.
 */
package org.sparkcurvature.job.check;

/**
 * A first look at a table, and the configuration that it suggests: {@code init}. Two passes: one
 * over all columns, each by itself, and one over the columns of the model together, in rows where
 * none of them is missing. Everything counted is whole numbers, or the least of something, so that
 * the same rows give the same text in whatever order and partitions they come.
 */
package org.sparkcurvature.job.firstlook;

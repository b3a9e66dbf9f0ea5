/**
 * Adding up what tasks hand on so that the result has the same bits whatever the number of
 * executors, cores, retries and speculative copies. Spark's treeReduce adds partials in the order
 * in which they arrive.
 */
package org.sparkcurvature.job.reduce;

/**
 * What a run found, once it is reduced and named: what is written to the output folder and told on
 * the console. Nothing here reads, computes derivatives, or writes.
 */
package org.sparkcurvature.job.result;

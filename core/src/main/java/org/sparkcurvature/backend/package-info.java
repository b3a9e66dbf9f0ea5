/**
 * Runs plans, and is the only package that knows ND4J. Matrix products run on ND4J arrays;
 * everything else runs on the same memory through buffers, in chunks of samples that stay in the
 * nearest cache: an ND4J call per elementwise pass would cost a pass over memory each.
 */
package org.sparkcurvature.backend;

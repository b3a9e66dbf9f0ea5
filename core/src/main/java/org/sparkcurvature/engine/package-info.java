/**
 * What the rest of the program uses: a specification, the engine that evaluates it block after
 * block, and sums that can be added up anywhere.
 */
package org.sparkcurvature.engine;

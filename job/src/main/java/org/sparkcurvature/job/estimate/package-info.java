/**
 * A model as a function of what is estimated: free elements, its objective summed over samples, and
 * functions of the parameters with their derivatives. What is minimised, inverted or decomposed
 * comes from here, so that there is one place where passes over the data are made.
 */
package org.sparkcurvature.job.estimate;

/**
 * What leaving a row out would do, to first order. Signs: an influence is what leaving the row out
 * adds. With g the gradient of the row's unweighted loss, w its weight and H the Hessian of the
 * objective, a sum, that is H^-1 w g for the parameters (Cook and Weisberg 1982; Koh and Liang
 * 2017), and a function's gradient times it for a function of them.
 */
package org.sparkcurvature.job.influence;

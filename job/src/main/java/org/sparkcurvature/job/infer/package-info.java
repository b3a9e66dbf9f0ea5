/**
 * What is said of estimates: their covariance, standard errors, intervals and tests. Conventions:
 * the objective is a sum and is minimised, so that its Hessian is the observed information where
 * the loss is a negative log-likelihood; the bread of a sandwich is the inverse Hessian, penalty
 * included; the meat is the sum of outer products of weighted gradients of the loss alone.
 */
package org.sparkcurvature.job.infer;

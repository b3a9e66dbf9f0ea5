package org.sparkcurvature.job.config;

/** How an objective is minimised. */
public enum FitMethod {
  /** Newton steps within a trust region, from the exact Hessian; P up to a few thousand. */
  TRUST_REGION_NEWTON,
  /** The same, each step by conjugate gradients on products of the Hessian with vectors. */
  NEWTON_CG,
  /** Limited-memory BFGS. */
  LBFGS,
  /** Orthant-wise limited-memory quasi-Newton: L-BFGS that admits an l1 penalty. */
  OWLQN
}

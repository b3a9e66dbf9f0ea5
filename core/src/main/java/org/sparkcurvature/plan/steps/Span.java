package org.sparkcurvature.plan.steps;

/** Tensors that a slot of memory has room for. */
public enum Span {
  /** A single one. */
  ONE,
  /** One for each sample of a strip. */
  STRIP,
  /** One for each sample of a block. */
  BLOCK
}

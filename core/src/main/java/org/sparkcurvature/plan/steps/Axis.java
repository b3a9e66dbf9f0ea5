package org.sparkcurvature.plan.steps;

/** An axis of {@code extent} elements between {@code outer} and {@code inner} ones. */
public record Axis(int outer, int extent, int inner) {}

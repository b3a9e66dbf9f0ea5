/**
 * From nodes to steps: which kernel computes each, in which order factors are multiplied, which
 * half of a symmetric result is computed, and where results lie in memory. Plans are data; nothing
 * here computes a number.
 */
package org.sparkcurvature.plan;

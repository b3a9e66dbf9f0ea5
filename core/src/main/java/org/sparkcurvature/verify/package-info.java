/**
 * Derivatives of the engine beside central differences of the same model: what {@code check} does
 * with rows of the data, and a program with its own.
 */
package org.sparkcurvature.verify;

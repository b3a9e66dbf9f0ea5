/**
 * Minimising an objective: methods, when they end, and what is kept of their way. They see the
 * objective as a function of free elements that gives value and derivatives at a point, and know
 * nothing of rows.
 */
package org.sparkcurvature.job.fit;

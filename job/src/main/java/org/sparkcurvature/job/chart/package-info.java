/**
 * Pictures as SVG: marks, axes and their ticks, and the few kinds of picture that reports have.
 * Knows neither models nor Spark. Every mark is there without a style sheet: what a sheet may
 * change is given as an attribute first.
 */
package org.sparkcurvature.job.chart;

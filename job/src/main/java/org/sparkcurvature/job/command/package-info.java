/**
 * The commands, each from configuration to result. A command strings rooms together and computes
 * nothing itself: configuration, model, source, passes, objective, files, report, in this order.
 */
package org.sparkcurvature.job.command;

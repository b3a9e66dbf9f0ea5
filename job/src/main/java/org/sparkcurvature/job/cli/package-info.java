/**
 * The command line: what is typed, and how a run ends. Exit codes are the contract's; a defect of
 * the program, which the contract does not know, is 1. Nothing else in the program ends the
 * process.
 */
package org.sparkcurvature.job.cli;

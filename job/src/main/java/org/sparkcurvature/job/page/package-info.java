/**
 * {@code report.html}: what a run found on one page that needs nothing beside it, no network, no
 * script and no style sheet to be read.
 */
package org.sparkcurvature.job.page;

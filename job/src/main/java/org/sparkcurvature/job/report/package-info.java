/** What a person reads on the console. Numbers come from the result; nothing is computed here. */
package org.sparkcurvature.job.report;

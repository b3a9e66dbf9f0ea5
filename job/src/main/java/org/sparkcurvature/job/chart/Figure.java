package org.sparkcurvature.job.chart;

/**
 * A picture with what it shows in words.
 *
 * @param id within the page
 * @param finding a sentence: the title for those who do not see the picture, and its caption
 * @param drawing an {@code svg} element
 */
public record Figure(String id, String finding, Markup drawing) {}

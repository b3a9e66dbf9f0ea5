package org.sparkcurvature.job.chart;

/**
 * A picture, and a sentence that says what it shows.
 *
 * @param id within the page
 * @param finding a sentence: the title for those who do not see the picture, and its caption
 * @param drawing an {@code svg} element
 */
public record Figure(String id, String finding, Markup drawing) {}

/**
 * The loss language: from the text of an expression to core's graph.
 *
 * <p>Spark's own parser reads the text, so precedence, literals and quoting are those of Spark SQL;
 * what it makes of it is translated into {@link org.sparkcurvature.job.language.Term} at once, and
 * nothing else here knows Catalyst. Most of SQL has no meaning for derivatives and is refused by
 * name, with the place where it stands. Two steps, because one of them needs no rows: {@link
 * org.sparkcurvature.job.language.LossModel#parse} finds unknown names and functions, cycles and
 * bad syntax before Spark starts; {@link org.sparkcurvature.job.language.LossModel#compile} needs
 * the shapes of the input tensors. Both collect every {@link org.sparkcurvature.job.language.Fault}
 * they can find before they refuse.
 */
package org.sparkcurvature.job.language;

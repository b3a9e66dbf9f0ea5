/**
 * From files and options to one checked, immutable {@link
 * org.sparkcurvature.job.config.RunConfiguration}, before anything of Spark is started.
 *
 * <p>Nothing here throws at the first fault. Decoders ask blocks for their keys; a value that does
 * not convert is reported to a {@link org.sparkcurvature.job.config.Decoding} and replaced by an
 * inert one, so that one message names everything that is wrong. The keys that were asked for are
 * the known ones, which makes a list of them that could go out of date unnecessary; a test compares
 * them with {@code conf/reference.conf}, where all defaults are.
 *
 * <p>Expressions are read by an {@link org.sparkcurvature.job.config.ExpressionReader}, which knows
 * the loss language, and are read last: its parser takes longer to load than all else together, so
 * that it is left out where something is wrong already, unless a word of an expression is, too.
 * What needs shapes or the rows' schema is checked elsewhere. A later command adds its block as a
 * record in {@code RunConfiguration}, a decoder, and its defaults in {@code reference.conf}.
 */
package org.sparkcurvature.job.config;

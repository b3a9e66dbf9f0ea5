/**
 * What each operation is: its shape, its value, its first derivative, and by its kind its second.
 * The only place to touch to add one.
 *
 * <p>Elementwise functions are rows of a table of scalar functions rather than compositions of
 * primitive operations: the tails and kinks of each can then be written exactly, and the value is
 * at hand when its derivatives are computed.
 */
package org.sparkcurvature.ops;

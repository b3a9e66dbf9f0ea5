/**
 * From a table to samples: opens what the configuration names, resolves tensors from its columns,
 * checks every value, and writes valid rows straight into the arrays of an engine.
 *
 * <p>Decisions that would surprise:
 *
 * <ul>
 *   <li>Each source has its own copy of the Spark session, without ANSI mode: in an expression over
 *       text columns such as {@code ln(1 + income)} a cell that is not a number then is null, and
 *       its row invalid, where ANSI mode would end the job from inside a task.
 *   <li>Partitions follow from the input and {@code partition-size} alone. Local folders are read
 *       in the order of their file names, because a local file system lists them in no order.
 *   <li>Where a plan reads batches of columns, as those of Parquet and ORC files do, and does no
 *       more than choose among them, numbers are copied from there column by column; otherwise rows
 *       are read as Spark's internal rows, those of the files themselves where nothing follows but
 *       such a choice. The public ones box every number.
 *   <li>A CSV file of plain lines, printable ASCII without quotes, is cut at its separators and no
 *       object is made of a field; any other line is given to Spark's parser, and other options of
 *       its reader than the usual ones lead to that reader.
 *   <li>A run of rows in which something is wrong is read again row by row, which says what.
 *   <li>A CSV line with more or fewer fields than the header is an invalid row: Spark would fill or
 *       cut it silently.
 *   <li>{@code limit} takes the first rows in the order of partitions; Spark's own limit takes
 *       whichever arrive first.
 * </ul>
 */
package org.sparkcurvature.job.source;

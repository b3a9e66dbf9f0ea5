package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The block {@code input}: which rows are read and what a sample is made of.
 *
 * @param source the rows
 * @param tensors the input tensors by their name in the loss, at least one, in the order of the
 *     configuration file where that is known and by name otherwise; nothing depends on that order
 * @param weight column or Spark SQL expression of the samples' weights, finite and not negative;
 *     empty: every weight is 1
 * @param id column that per-sample outputs carry as {@code id}, in its own type
 * @param carry further columns copied to per-sample outputs; none twice
 * @param where Spark SQL filter
 * @param limit read only so many rows, at least 1
 * @param invalidRows what becomes of invalid rows
 * @param acceptance with which rows the input is good enough
 * @param partitionSizeBytes bytes of a file in one partition, at least 1: partitions follow from
 *     the input alone, never from the number of cores
 * @param held columns that have one value in all rows, in the place of their own
 * @param nondeterministic what becomes of functions such as {@code rand()}
 */
public record InputConfig(
    InputSource source,
    Map<String, TensorConfig> tensors,
    Optional<String> weight,
    Optional<String> id,
    List<String> carry,
    Optional<String> where,
    OptionalLong limit,
    InvalidRows invalidRows,
    Acceptance acceptance,
    long partitionSizeBytes,
    Map<String, String> held,
    Nondeterministic nondeterministic) {
  /**
   * The same of other rows.
   *
   * @param handedOn columns that per-sample outputs carry where the configuration names none
   */
  InputConfig from(InputSource rows, List<String> handedOn) {
    return new InputConfig(
        rows,
        tensors,
        weight,
        id,
        carry.isEmpty() ? handedOn : carry,
        where,
        limit,
        invalidRows,
        acceptance,
        partitionSizeBytes,
        held,
        nondeterministic);
  }

  /**
   * The same of rows that have passed the filter, and have further columns.
   *
   * @param further columns that per-sample outputs carry, too
   */
  public InputConfig joined(
      InputSource rows, Map<String, TensorConfig> others, List<String> further) {
    List<String> carried = new ArrayList<>(carry);
    carried.addAll(further);
    return new InputConfig(
        rows,
        others,
        weight,
        id,
        carried,
        Optional.empty(),
        limit,
        invalidRows,
        acceptance,
        partitionSizeBytes,
        held,
        nondeterministic);
  }

  /**
   * The same rows, read with further options.
   *
   * @param options of the files' reader; those that are configured win
   */
  public InputConfig with(Map<String, String> options) {
    if (!(source instanceof InputSource.Files files)) {
      return this;
    }
    Map<String, String> all = new LinkedHashMap<>(options);
    all.putAll(files.options());
    return from(new InputSource.Files(files.paths(), files.format(), all), List.of());
  }

  /** The same rows with other tensors, and with columns held at values. */
  public InputConfig with(Map<String, TensorConfig> other, Map<String, String> values) {
    return new InputConfig(
        source,
        other,
        weight,
        id,
        carry,
        where,
        limit,
        invalidRows,
        acceptance,
        partitionSizeBytes,
        values,
        nondeterministic);
  }

  public InputConfig {
    held = Ordered.copyOf(held);
    requireNonNull(source);
    tensors = Ordered.copyOf(tensors);
    requireNonNull(weight);
    requireNonNull(id);
    carry = List.copyOf(carry);
    requireNonNull(where);
    requireNonNull(limit);
    requireNonNull(invalidRows);
    requireNonNull(acceptance);
    requireNonNull(nondeterministic);
  }

  /** The tensors whose elements are numbers of levels, where these are known. */
  public Map<String, TensorConfig.Encoded> categories() {
    Map<String, TensorConfig.Encoded> categories = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor instanceof TensorConfig.Encoded encoded && !encoded.levels().isEmpty()) {
            categories.put(name, encoded);
          }
        });
    return categories;
  }
}

package org.sparkcurvature.job;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Acceptance;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.config.Missing;
import org.sparkcurvature.job.config.MissingPath;
import org.sparkcurvature.job.config.Nondeterministic;
import org.sparkcurvature.job.config.OnEmpty;
import org.sparkcurvature.job.config.TensorConfig;

/**
 * Input configurations for tests: start from one of the factories and change one thing at a time.
 */
public final class Inputs {
  private Inputs() {}

  public static InputConfig csv(Object path) {
    return of(new InputSource.Files(List.of(path.toString()), "csv", Map.of("header", "true")));
  }

  public static InputConfig files(String format, Map<String, String> options, Object... paths) {
    return of(
        new InputSource.Files(
            Arrays.stream(paths).map(Object::toString).toList(), format, options));
  }

  public static InputConfig of(InputSource source) {
    Parts parts = new Parts();
    parts.source = source;
    return parts.joined();
  }

  /** The parts of a configuration, of which one is to be changed. */
  private static final class Parts {
    private InputSource source;
    private Map<String, TensorConfig> tensors = Map.of();
    private Optional<String> weight = Optional.empty();
    private Optional<String> id = Optional.empty();
    private List<String> carry = List.of();
    private Optional<String> where = Optional.empty();
    private OptionalLong limit = OptionalLong.empty();
    private InvalidRows invalidRows = InvalidRows.FAIL;
    private Acceptance acceptance =
        new Acceptance(1, OnEmpty.FAIL, Missing.INVALID, MissingPath.FAIL);
    private long partitionSizeBytes = 128L << 20;
    private Nondeterministic nondeterministic = Nondeterministic.REFUSED;

    private InputConfig joined() {
      return new InputConfig(
          source,
          tensors,
          weight,
          id,
          carry,
          where,
          limit,
          invalidRows,
          acceptance,
          partitionSizeBytes,
          Map.of(),
          nondeterministic);
    }
  }

  private static InputConfig with(InputConfig in, Consumer<Parts> change) {
    Parts parts = new Parts();
    parts.source = in.source();
    parts.tensors = in.tensors();
    parts.weight = in.weight();
    parts.id = in.id();
    parts.carry = in.carry();
    parts.where = in.where();
    parts.limit = in.limit();
    parts.invalidRows = in.invalidRows();
    parts.acceptance = in.acceptance();
    parts.partitionSizeBytes = in.partitionSizeBytes();
    parts.nondeterministic = in.nondeterministic();
    change.accept(parts);
    return parts.joined();
  }

  /** With a tensor of one column, its shape open. */
  public static InputConfig tensor(InputConfig in, String name, String column) {
    return tensor(in, name, new TensorConfig.Single(column, Optional.empty()));
  }

  /** With a tensor of one column. */
  public static InputConfig tensor(InputConfig in, String name, String column, Shape shape) {
    return tensor(in, name, new TensorConfig.Single(column, Optional.of(shape)));
  }

  /** With a tensor of several columns. */
  public static InputConfig list(InputConfig in, String name, String... columns) {
    return tensor(in, name, new TensorConfig.Elements(List.of(columns), Shape.of(columns.length)));
  }

  public static InputConfig tensor(InputConfig in, String name, TensorConfig tensor) {
    Map<String, TensorConfig> tensors = new LinkedHashMap<>(in.tensors());
    tensors.put(name, tensor);
    return with(in, parts -> parts.tensors = tensors);
  }

  public static InputConfig weight(InputConfig in, String weight) {
    return with(in, parts -> parts.weight = Optional.of(weight));
  }

  public static InputConfig id(InputConfig in, String id, String... carry) {
    return with(
        in,
        parts -> {
          parts.id = Optional.of(id);
          parts.carry = List.of(carry);
        });
  }

  public static InputConfig where(InputConfig in, String where) {
    return with(in, parts -> parts.where = Optional.of(where));
  }

  public static InputConfig limit(InputConfig in, long limit) {
    return with(in, parts -> parts.limit = OptionalLong.of(limit));
  }

  public static InputConfig invalid(InputConfig in, InvalidRows invalidRows) {
    return with(in, parts -> parts.invalidRows = invalidRows);
  }

  public static InputConfig maxRejected(InputConfig in, double share) {
    return with(
        in,
        parts ->
            parts.acceptance =
                new Acceptance(share, OnEmpty.FAIL, Missing.INVALID, MissingPath.FAIL));
  }

  public static InputConfig nondeterministic(InputConfig in) {
    return with(in, parts -> parts.nondeterministic = Nondeterministic.ALLOWED);
  }

  public static InputConfig partitionSize(InputConfig in, long bytes) {
    return with(in, parts -> parts.partitionSizeBytes = bytes);
  }
}

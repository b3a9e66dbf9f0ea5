package org.sparkcurvature.job;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Acceptance;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.config.InvalidRows;
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
    return new InputConfig(
        source,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        OptionalLong.empty(),
        InvalidRows.FAIL,
        new Acceptance(1, OnEmpty.FAIL),
        128L << 20);
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
    return new InputConfig(
        in.source(),
        tensors,
        in.weight(),
        in.id(),
        in.carry(),
        in.where(),
        in.limit(),
        in.invalidRows(),
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig weight(InputConfig in, String weight) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        Optional.of(weight),
        in.id(),
        in.carry(),
        in.where(),
        in.limit(),
        in.invalidRows(),
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig id(InputConfig in, String id, String... carry) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        Optional.of(id),
        List.of(carry),
        in.where(),
        in.limit(),
        in.invalidRows(),
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig where(InputConfig in, String where) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        in.id(),
        in.carry(),
        Optional.of(where),
        in.limit(),
        in.invalidRows(),
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig limit(InputConfig in, long limit) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        in.id(),
        in.carry(),
        in.where(),
        OptionalLong.of(limit),
        in.invalidRows(),
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig invalid(InputConfig in, InvalidRows invalidRows) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        in.id(),
        in.carry(),
        in.where(),
        in.limit(),
        invalidRows,
        in.acceptance(),
        in.partitionSizeBytes());
  }

  public static InputConfig maxRejected(InputConfig in, double share) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        in.id(),
        in.carry(),
        in.where(),
        in.limit(),
        in.invalidRows(),
        new Acceptance(share, OnEmpty.FAIL),
        in.partitionSizeBytes());
  }

  public static InputConfig partitionSize(InputConfig in, long bytes) {
    return new InputConfig(
        in.source(),
        in.tensors(),
        in.weight(),
        in.id(),
        in.carry(),
        in.where(),
        in.limit(),
        in.invalidRows(),
        in.acceptance(),
        bytes);
  }
}

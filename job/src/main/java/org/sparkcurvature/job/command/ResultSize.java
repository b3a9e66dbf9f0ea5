package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.InfluenceConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.RowBounds;
import org.sparkcurvature.job.source.Source;

/**
 * What a result takes on disk, as far as that is known before anything is computed. Not counted are
 * rejected rows, and what is little beside the rest: JSON, the table of estimates.
 *
 * @param parts files and folders
 * @param uncounted folders whose rows are not known to be how many
 */
record ResultSize(List<Part> parts, List<String> uncounted) {

  /** What a part is asked for by, and how to ask for less. */
  enum Asked {
    WRT("curvature.derive.wrt", "name less in derive.wrt"),
    HESSIAN("curvature.derive.global.hessian", "set derive.global.hessian = diagonal or none"),
    GGN("curvature.derive.global.ggn", "set derive.global.ggn = null"),
    OPG("curvature.derive.global.opg", "set derive.global.opg = false"),
    PER_SAMPLE(
        "curvature.derive.per-sample",
        "ask for less of each row (derive.per-sample.hessian = packed, diagonal or none)"),
    INFLUENCE("curvature.influence.on", "take influences on one expression"),
    SPECTRUM("curvature.spectrum.k", "set a smaller spectrum.k");

    private final String key;
    private final String remedy;

    Asked(String key, String remedy) {
      this.key = key;
      this.remedy = remedy;
    }

    String key() {
      return key;
    }

    String remedy() {
      return remedy;
    }
  }

  /**
   * A file, or a folder of files.
   *
   * @param name its own, within the result
   * @param least bytes that it takes at least, whatever the numbers are
   * @param most bytes that it takes where numbers do not compress, as most do not
   */
  record Part(String name, Asked asked, long least, long most) {}

  /**
   * What Snappy leaves at least: its longest copy stands for 64 bytes, and takes 3. Arrays of equal
   * numbers take 1.0 to 1.5 times that, of random ones 8 bytes each, of real rows anything between.
   */
  private static final double SNAPPY = 3.0 / 64;

  /** Parts that are a smaller share of the whole are not named. */
  private static final double NAMED = 0.02;

  private static final int NPY_HEADER = 128;

  /** Of what writes nothing but JSON. */
  static final ResultSize NONE = new ResultSize(List.of(), List.of());

  ResultSize {
    parts = List.copyOf(parts);
    uncounted = List.copyOf(uncounted);
  }

  /**
   * That of {@code derive}.
   *
   * @param tiled whether whole matrices are computed in tiles
   */
  static ResultSize of(Derivatives derivatives, boolean tiled) {
    DerivativeSpec spec = derivatives.spec();
    Request.Global global = spec.request().global();
    long p = spec.layout().length();
    Matrices matrices = new Matrices(tiled ? leastShare(derivatives.source().spark()) : SNAPPY);
    List<Part> parts = new ArrayList<>();
    if (global.gradient()) {
      parts.add(npy("gradient.npy", Asked.WRT, p));
    }
    switch (global.hessian()) {
      case FULL -> {
        parts.add(npy("hessian_diagonal.npy", Asked.HESSIAN, p));
        parts.addAll(matrices.of("hessian", Asked.HESSIAN, p, tiled));
      }
      case BLOCKS -> {
        for (Layout.Entry entry : spec.layout().entries()) {
          String name = "hessian_" + entry.name();
          parts.addAll(matrices.of(name, Asked.HESSIAN, entry.shape().size(), false));
        }
      }
      case DIAGONAL -> parts.add(npy("hessian_diagonal.npy", Asked.HESSIAN, p));
      case NONE -> {}
    }
    if (global.ggn().isPresent()) {
      parts.addAll(matrices.of("ggn", Asked.GGN, p, tiled));
    }
    if (global.opg()) {
      parts.addAll(matrices.of("opg", Asked.OPG, p, tiled));
    }
    List<DerivativeSpec.Column> columns = spec.columns();
    if (columns.isEmpty()) {
      return new ResultSize(parts, List.of());
    }
    long numbers = columns.stream().mapToLong(DerivativeSpec.Column::length).sum();
    // The value alone is no array.
    long inArrays = spec.request().perSample().value() ? numbers - 1 : numbers;
    return with(
        parts,
        "per_sample",
        Asked.PER_SAMPLE,
        derivatives.source(),
        new RowSize(inArrays, numbers));
  }

  /** That of {@code infer}, where so many elements are estimated. */
  static ResultSize ofCovariance(long estimated) {
    return new ResultSize(
        List.of(npy("covariance.npy", Asked.WRT, estimated * estimated)), List.of());
  }

  /**
   * That of {@code spectrum}.
   *
   * @param eigenvalues how many are written
   * @param vectors how many eigenvectors of length {@code p} are written
   */
  static ResultSize ofSpectrum(long eigenvalues, long vectors, long p) {
    return new ResultSize(
        List.of(
            npy("eigenvalues.npy", Asked.WRT, eigenvalues),
            npy("eigenvectors.npy", Asked.SPECTRUM, vectors * p)),
        List.of());
  }

  /** That of {@code influence}, where so many elements are estimated. */
  static ResultSize ofInfluences(
      InfluenceConfig settings, Source source, long estimated, int fitted) {
    boolean scalar = settings.expression().isPresent() || settings.validation().isPresent();
    boolean corrected = settings.linearPredictor().isPresent();
    long each = scalar ? 1 : estimated;
    long numbers = each + (scalar && !corrected ? 0 : 1) + (corrected ? each + 2 : 0) + fitted;
    return with(
        List.of(),
        "influence",
        Asked.INFLUENCE,
        source,
        new RowSize(scalar ? 0 : estimated, numbers));
  }

  /**
   * Doubles of a row.
   *
   * @param inArrays in columns of arrays, which have no dictionary
   * @param all those and others
   */
  private record RowSize(long inArrays, long all) {}

  /** With a table of as many rows as there are samples. */
  private static ResultSize with(
      List<Part> parts, String name, Asked asked, Source source, RowSize row) {
    Optional<RowBounds> rows = source.rowBounds();
    if (rows.isEmpty()) {
      return new ResultSize(parts, List.of(name));
    }
    long kept =
        source.keptFields().stream()
            .map(StructField::dataType)
            .mapToLong(type -> type.defaultSize())
            .sum();
    List<Part> all = new ArrayList<>(parts);
    // Doubles, which end at the largest long where longs would begin anew.
    double least = leastShare(source.spark()) * Double.BYTES * row.inArrays();
    double most = Long.BYTES + kept + (double) Double.BYTES * row.all();
    all.add(
        new Part(
            name, asked, (long) (rows.get().least() * least), (long) (rows.get().most() * most)));
    return new ResultSize(all, List.of());
  }

  /** What is left at least of numbers in a table, by the codec that Spark is configured with. */
  private static double leastShare(SparkSession spark) {
    return switch (spark
        .conf()
        .get("spark.sql.parquet.compression.codec", "snappy")
        .toLowerCase(Locale.ROOT)) {
      case "none", "uncompressed" -> 1;
      case "snappy" -> SNAPPY;
      default -> 0; // zeros leave next to nothing
    };
  }

  private static Part npy(String name, Asked asked, long numbers) {
    long bytes = NPY_HEADER + Double.BYTES * numbers;
    return new Part(name, asked, bytes, bytes);
  }

  /**
   * Square matrices.
   *
   * @param leastShare what is left at least of tiles
   */
  private record Matrices(double leastShare) {
    List<Part> of(String name, Asked asked, long order, boolean onlyTiles) {
      List<Part> parts = new ArrayList<>();
      if (!onlyTiles && order <= ResultFiles.LARGEST_SQUARE) {
        parts.add(npy(name + ".npy", asked, order * order));
      }
      long bytes = Double.BYTES * Tiling.elements(order);
      parts.add(new Part(name, asked, (long) (leastShare * bytes), bytes));
      return parts;
    }
  }

  /** Bytes that all of it takes at least. */
  long least() {
    return sum(Part::least);
  }

  /** Bytes that all of it takes where numbers do not compress. */
  long most() {
    return sum(Part::most);
  }

  private long sum(ToLongFunction<Part> bytes) {
    return (long) parts.stream().mapToDouble(bytes::applyAsLong).sum();
  }

  /** The parts that matter. */
  List<Part> largest() {
    return parts.stream()
        .filter(part -> part.most() >= NAMED * most() || part.least() >= NAMED * least())
        .toList();
  }

  /** The parts that matter, with their sizes. */
  String description() {
    return largest().stream()
        .map(part -> part.name() + " " + Errors.bytes(part.most()))
        .collect(Collectors.joining(", "));
  }
}

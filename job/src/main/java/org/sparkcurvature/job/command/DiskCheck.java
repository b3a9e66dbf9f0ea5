package org.sparkcurvature.job.command;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.config.OutputMode;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.reduce.FixedTree;
import org.sparkcurvature.job.sink.FreeSpace;

/** Says beforehand that a disk is too small: the output's, and the one that Spark shuffles on. */
final class DiskCheck {
  private DiskCheck() {}

  /** Bytes on the disks of executors that a user should know of. */
  private static final long WORTH_A_WARNING = 4L << 30;

  /**
   * The refusal of a result that certainly has no room; empty where it may have.
   *
   * @param free at its place, where that is known
   */
  static Optional<JobException> tooSmall(
      ResultSize size, Optional<FreeSpace> free, OutputMode mode) {
    return free.filter(space -> size.least() > space.bytes())
        .map(
            space ->
                Errors.noRoom(
                    "the result",
                    size.description(),
                    size.least(),
                    size.most(),
                    space.bytes(),
                    space.where(),
                    "curvature.output.path, " + each(size, ResultSize.Asked::key),
                    "free space there, name a folder on a larger disk, "
                        + each(size, ResultSize.Asked::remedy)
                        + (mode == OutputMode.OVERWRITE
                            ? " (what output.mode = overwrite replaces stays until the new result is complete)"
                            : "")));
  }

  private static String each(ResultSize size, Function<ResultSize.Asked, String> of) {
    return size.largest().stream()
        .map(ResultSize.Part::asked)
        .distinct()
        .map(of)
        .collect(Collectors.joining(", "));
  }

  /**
   * A sentence where a result has no room unless its numbers compress, or fewer copies are kept;
   * empty where it is refused.
   */
  static Optional<String> warning(ResultSize size, Optional<FreeSpace> free) {
    return free.filter(space -> size.least() <= space.bytes())
        .filter(space -> size.most() > space.bytes() / space.copies())
        .map(
            space ->
                "the result takes up to %s%s (%s), and %s are free at %s: it may not fit (%s)"
                    .formatted(
                        Errors.bytes(size.most()),
                        space.copies() == 1 ? "" : " in each of " + space.copies() + " copies",
                        size.description(),
                        Errors.bytes(space.bytes()),
                        space.where(),
                        each(size, ResultSize.Asked::key)));
  }

  /** Bytes that the tasks of a pass hand on by way of disks until its sums are one. */
  static long handedOn(DerivativeSpec spec, int partitions) {
    long sums = Sums.bytes(spec).values().stream().mapToLong(Long::longValue).sum();
    return partitions > FixedTree.FAN_IN ? partitions * sums : 0;
  }

  /**
   * A sentence where what tasks hand on has no room on Spark's own disk unless it compresses; on a
   * cluster, whose disks cannot be looked at from here, where it is much.
   */
  static Optional<String> warning(long handedOn, SparkContext spark) {
    String mended =
        "spark.local.dir, or the environment variable SPARK_LOCAL_DIRS, sets where it goes";
    if (!spark.isLocal()) {
      return handedOn <= WORTH_A_WARNING
          ? Optional.empty()
          : Optional.of(
              "tasks hand on up to %s by way of the executors' own disks, all in all, which cannot be looked at from here; %s"
                  .formatted(Errors.bytes(handedOn), mended));
    }
    File[] folders = SparkEnv.get().blockManager().diskBlockManager().localDirs();
    long free = free(folders);
    return handedOn <= free
        ? Optional.empty()
        : Optional.of(
            "tasks hand on up to %s by way of Spark's own disk, and %s are free at %s: it may not fit; %s"
                .formatted(
                    Errors.bytes(handedOn),
                    Errors.bytes(free),
                    Arrays.stream(folders).map(File::getPath).collect(Collectors.joining(", ")),
                    mended));
  }

  /** Bytes that are free in all of these folders; all there are where that cannot be found out. */
  private static long free(File[] folders) {
    try {
      Set<FileStore> disks = new LinkedHashSet<>();
      for (File folder : folders) {
        disks.add(Files.getFileStore(folder.toPath()));
      }
      long free = 0;
      for (FileStore disk : disks) {
        free += disk.getUsableSpace();
      }
      return free;
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}

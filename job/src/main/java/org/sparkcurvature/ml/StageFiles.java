package org.sparkcurvature.ml;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.sparkcurvature.CurvatureException;

/** Writes and reads stages that are their params alone: MLlib's metadata, and a format number. */
final class StageFiles {
  private static final String FILE = "/data/format.json";
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private StageFiles() {}

  static MLWriter writer(PipelineStage stage) {
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        DefaultParamsWriter$.MODULE$.saveMetadata(stage, path, sparkSession());
        try {
          TextFile.write(
              sparkSession(), path + FILE, JSON.writeValueAsString(Map.of("format", FORMAT)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /**
   * Reads what {@link #writer} wrote.
   *
   * @param make gives a stage with an identity
   */
  static <T extends PipelineStage> MLReader<T> reader(Class<T> type, Function<String, T> make) {
    return new MLReader<>() {
      @Override
      public T load(String path) {
        try {
          int format =
              JSON.readTree(TextFile.read(sparkSession(), path + FILE)).path("format").asInt(0);
          if (format != FORMAT) {
            throw CurvatureException.of(
                2,
                "the stage has the format %d, and this program reads %d".formatted(format, FORMAT),
                path,
                "read it with the program that wrote it, or a later one");
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        DefaultParamsReader.Metadata metadata =
            DefaultParamsReader$.MODULE$.loadMetadata(path, sparkSession(), type.getName());
        T stage = make.apply(metadata.uid());
        metadata.getAndSetParams(stage, scala.Option.empty());
        return stage;
      }
    };
  }
}

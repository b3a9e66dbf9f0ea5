package org.sparkcurvature.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sparkcurvature.CurvatureException;
import scala.jdk.javaapi.CollectionConverters;

/** Writes and reads stages that are their params alone: MLlib's metadata, and a format number. */
final class StageFiles {
  private static final String FILE = "/data/format.json";
  private static final int FORMAT = 1;
  private static final Logger LOG = LoggerFactory.getLogger(StageFiles.class);
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
        setParams(metadata, stage, path);
        return stage;
      }
    };
  }

  /** Sets what was written; params that there are no longer are skipped with a warning. */
  static void setParams(DefaultParamsReader.Metadata metadata, PipelineStage stage, String path) {
    Set<String> unknown = new TreeSet<>();
    try {
      JsonNode written = JSON.readTree(metadata.metadataJson());
      for (String map : List.of("paramMap", "defaultParamMap")) {
        written.path(map).fieldNames().forEachRemaining(unknown::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    unknown.removeIf(stage::hasParam);
    if (!unknown.isEmpty()) {
      LOG.warn("{} has params that there are no longer: {}", path, String.join(", ", unknown));
    }
    metadata.getAndSetParams(
        stage, scala.Option.apply(CollectionConverters.asScala(unknown).toList()));
  }
}

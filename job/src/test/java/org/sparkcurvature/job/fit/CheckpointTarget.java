package org.sparkcurvature.job.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The reader of checkpoints, for the fuzzers. */
public final class CheckpointTarget {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointTarget() {}

  /**
   * Reads a file as it is, and with the checksum that its content has: no guess comes upon that.
   */
  public static void read(byte[] bytes) {
    try {
      Checkpoint.entry(bytes);
      if (JSON.readTree(bytes) instanceof ObjectNode file && file.has("content")) {
        file.put("crc32c", Checkpoint.checksum(file.get("content")));
        Checkpoint.entry(JSON.writeValueAsBytes(file));
      }
    } catch (JsonProcessingException | CharConversionException e) {
      return; // It is not JSON, and the first reading has shown that this is no failure.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

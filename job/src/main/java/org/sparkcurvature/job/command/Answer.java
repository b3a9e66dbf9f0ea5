package org.sparkcurvature.job.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.job.errors.PublicText;

/** The one object that a command prints with {@code --json}: its result, or why there is none. */
public final class Answer {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> object = new LinkedHashMap<>();
  private final PrintStream out;

  /**
   * @param out where it is printed
   */
  Answer(PrintStream out) {
    this.out = out;
  }

  /** Adds what a program may want to know under a name. */
  public void put(String name, Object value) {
    object.put(name, value);
  }

  /** Prints the object. */
  void print() {
    // In UTF-8, as JSON is, and in lines of any length.
    byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /** JSON, its last line ended. */
  private String text() {
    try {
      return PublicText.escaped(MAPPER.writeValueAsString(object)) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

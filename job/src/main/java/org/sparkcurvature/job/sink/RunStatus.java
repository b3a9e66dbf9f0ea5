package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;

/**
 * The file {@code run.status}: what became of a run, for whoever does not see its exit code. Each
 * state replaces the one before as a whole.
 */
public final class RunStatus {
  private final Optional<Path> file;
  private final Configuration configuration;
  private final Map<String, Object> facts = new LinkedHashMap<>();

  /**
   * @param location the file; empty: nobody is told
   * @param configuration how Hadoop reaches its file systems
   */
  public RunStatus(
      Optional<String> location, String command, String output, Configuration configuration) {
    this.file = location.map(RunStatus::path);
    this.configuration = configuration;
    facts.put("run_id", UUID.randomUUID().toString());
    facts.put("command", command);
    facts.put("output", PublicText.of(output));
    facts.put("process", RunProcess.here().toString());
    facts.put("started", Instant.now().toString());
  }

  private static Path path(String location) {
    try {
      return new Path(location);
    } catch (IllegalArgumentException e) {
      throw notWritable(location, e);
    }
  }

  private static JobException notWritable(String location, Exception e) {
    return Failures.isUnreachable(e)
        ? Errors.fileNotReachable("the status " + location, Failures.reason(e), e)
        : Errors.configuration(
            "the status cannot be written to " + location + ": " + Failures.reason(e),
            "curvature.run.status",
            "give a file that this user may write, or leave the key out");
  }

  /**
   * Says that the run has begun.
   *
   * @throws JobException with exit code 2 if nobody can be told, 5 if the store does not answer
   */
  public void running() {
    facts.put("state", "running");
    try {
      write();
    } catch (IOException | RuntimeException e) {
      throw notWritable(file.orElseThrow().toString(), e);
    }
  }

  /** Says that the result is complete. */
  public void succeeded() throws IOException {
    end("succeeded", 0, false, "");
  }

  /**
   * Says that there is no complete result.
   *
   * @param message what the user reads
   */
  public void failed(int exitCode, String message) throws IOException {
    end("failed", exitCode, false, message);
  }

  /** As {@link #failed}, where the same command may succeed when it is run again. */
  public void failedForNow(int exitCode, String message) throws IOException {
    end("failed", exitCode, true, message);
  }

  private void end(String state, int exitCode, boolean retry, String message) throws IOException {
    facts.put("state", state);
    facts.put("ended", Instant.now().toString());
    facts.put("exit_code", exitCode);
    facts.put("retry", retry);
    facts.put("message", PublicText.of(message));
    write();
  }

  private void write() throws IOException {
    if (file.isPresent()) {
      try (OutputStream out = file.get().getFileSystem(configuration).create(file.get(), true)) {
        Json.write(out, facts);
      } catch (FSError e) { // Hadoop has an error of its own for a full disk.
        throw new IOException(Failures.reason(e), e);
      }
    }
  }
}

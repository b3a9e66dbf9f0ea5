package org.sparkcurvature.job.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.List;

/**
 * The process of a run, as other runs can read it.
 *
 * @param host the machine; empty if it is not known
 * @param pid the process's number there
 * @param started when the process began: numbers are used again
 */
record RunProcess(String host, long pid, Instant started) {
  private static final RunProcess UNKNOWN = new RunProcess("", 0, Instant.EPOCH);

  static RunProcess here() {
    ProcessHandle process = ProcessHandle.current();
    return new RunProcess(
        hostName(), process.pid(), process.info().startInstant().orElse(Instant.EPOCH));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }

  /** What {@link #toString} wrote; an unknown process for any other text. */
  static RunProcess of(String text) {
    List<String> words = List.of(text.strip().split(" "));
    try {
      return words.size() == 5
          ? new RunProcess(words.get(3), Long.parseLong(words.get(1)), Instant.parse(words.get(4)))
          : UNKNOWN;
    } catch (RuntimeException e) {
      return UNKNOWN;
    }
  }

  /** Whether it ran on this machine and does not any more; elsewhere nobody can tell. */
  boolean hasEnded() {
    return !host.isEmpty()
        && host.equals(hostName())
        && ProcessHandle.of(pid)
            .map(process -> !process.info().startInstant().orElse(started).equals(started))
            .orElse(true);
  }

  @Override
  public String toString() {
    return host.isEmpty()
        ? "an unknown process"
        : "process %d on %s %s".formatted(pid, host, started);
  }
}

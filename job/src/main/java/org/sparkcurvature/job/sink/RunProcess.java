package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The process of a run, as other runs can read it.
 *
 * @param host the machine; empty if it is not known
 * @param pid the process's number there
 * @param machine what the number holds within: on Linux the machine's boot and the namespace of
 *     process numbers, as two containers under one host name have different ones
 * @param started when the process began, since numbers are used again: on Linux in ticks since the
 *     machine's start, which do not move when its clock is set
 */
record RunProcess(String host, long pid, String machine, String started) {
  private static final RunProcess UNKNOWN = new RunProcess("", 0, "-", "-");

  private static final Path PROCESSES = Path.of("/proc");

  static RunProcess here() {
    long pid = ProcessHandle.current().pid();
    return new RunProcess(hostName(), pid, machineName(), startOf(pid));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }

  private static String machineName() {
    try {
      String boot = Files.readString(PROCESSES.resolve("sys/kernel/random/boot_id")).strip();
      String names = Files.readSymbolicLink(PROCESSES.resolve("self/ns/pid")).toString();
      return boot + "/" + names.replaceAll("\\D", "");
    } catch (IOException | RuntimeException e) {
      return "-"; // not Linux
    }
  }

  /** When a process began; "-" where there is none of that number. */
  private static String startOf(long pid) {
    try {
      String facts = Files.readString(PROCESSES.resolve(pid + "/stat"));
      // The second field, the name in parentheses, may hold anything; the start is the 22nd.
      String[] fields = facts.substring(facts.lastIndexOf(')') + 2).split(" ");
      return fields[0].equals("Z") ? "-" : fields[19];
    } catch (IOException | RuntimeException e) {
      return Files.isDirectory(PROCESSES.resolve("self"))
          ? "-"
          : ProcessHandle.of(pid)
              .map(process -> process.info().startInstant().map(Object::toString).orElse("+"))
              .orElse("-");
    }
  }

  /** What {@link #toText} wrote; an unknown process for any other text. */
  static RunProcess of(String text) {
    List<String> words = List.of(text.strip().split(" "));
    try {
      return words.size() == 6
          ? new RunProcess(words.get(3), Long.parseLong(words.get(1)), words.get(4), words.get(5))
          : UNKNOWN;
    } catch (RuntimeException e) {
      return UNKNOWN;
    }
  }

  /** Whether its number can be looked up here. */
  private boolean isOfThisMachine() {
    return !host.isEmpty() && host.equals(hostName()) && machine.equals(machineName());
  }

  /** Whether it ran on this machine and does not any more; elsewhere nobody can tell. */
  boolean hasEnded() {
    return isOfThisMachine() && !startOf(pid).equals(started);
  }

  /** Whether it runs on this machine; elsewhere nobody can tell. */
  boolean isRunning() {
    return isOfThisMachine() && startOf(pid).equals(started);
  }

  /** One line, for {@link #of}. */
  String toText() {
    return "process %d on %s %s %s".formatted(pid, host, machine, started);
  }

  /** For people. */
  @Override
  public String toString() {
    return host.isEmpty() ? "an unknown process" : "process %d on %s".formatted(pid, host);
  }
}

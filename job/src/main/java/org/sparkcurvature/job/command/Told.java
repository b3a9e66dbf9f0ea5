package org.sparkcurvature.job.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Failures;

/**
 * What is told of a result once it is complete: where it went, and how to go on from there; or, as
 * an object, all that its files hold as JSON.
 *
 * @param path the folder
 */
record Told(Terminal terminal, String command, Path path) {
  /** What people look for first. */
  private static final List<String> FIRST =
      List.of(
          "report.html",
          "estimates.csv",
          "per_sample",
          "predictions",
          "effects",
          "influence",
          "hessian.npy",
          "covariance.npy",
          "eigenvalues.npy",
          "parameters.json");

  /** Entries that are no part of the result. */
  private static final List<String> OWN = List.of("manifest.json", "_SUCCESS", "_NOT_CONVERGED");

  /** JSON that is left out of the object: what it says stands in other files. */
  private static final List<String> LEFT_OUT = List.of("manifest.json", "layout.json");

  private static final String JSON = ".json";

  /** Space for a name in front, as the fields of reports have it. */
  private static final String FIELD = "  %-11s%s";

  static Told of(RunContext run, String command) {
    return new Told(run.terminal(), command, run.folder().path());
  }

  /** A result that was there already. */
  static void ignored(Terminal terminal, String command, String path) {
    terminal.print("a complete result is at " + path + ": done (output.mode = ignore)\n");
    new Told(terminal, command, new Path(path)).object();
  }

  /**
   * Tells the end of a run.
   *
   * @param next the command that goes on from the result
   */
  void end(Optional<String> next) {
    if (terminal.answer().isPresent()) {
      object();
    } else if (!terminal.quiet()) {
      terminal.print(wrote(""));
      next.ifPresent(
          then ->
              terminal.print(
                  FIELD.formatted("next", Pasted.program(terminal.environment()))
                      + " "
                      + then
                      + " --from "
                      + Pasted.path(path)
                      + "\n"));
    }
  }

  /** Tells where a point is kept that is no minimum. */
  void notConverged() {
    if (terminal.answer().isPresent()) {
      object();
    } else if (!terminal.quiet()) {
      terminal.print(wrote(", marked _NOT_CONVERGED"));
    }
  }

  private String wrote(String mark) {
    List<String> names = new ArrayList<>(entries());
    names.removeAll(OWN);
    String begin = FIELD.formatted("wrote", Pasted.path(path)) + mark;
    // As many names as a line has room for.
    String line = begin + "  (" + names.size() + " entries)";
    for (int shown = 1; shown <= names.size(); shown++) {
      int rest = names.size() - shown;
      String longer =
          begin
              + "  ("
              + String.join(", ", names.subList(0, shown))
              + (rest == 0 ? ")" : ", %d more)".formatted(rest));
      if (longer.length() > terminal.view().width()) {
        break;
      }
      line = longer;
    }
    return line + "\n";
  }

  /** What the folder has, first what people look for. */
  private List<String> entries() {
    List<String> found = new ArrayList<>();
    try (FileSystem files = FileSystem.newInstance(path.toUri(), Session.hadoop())) {
      for (FileStatus entry : files.listStatus(path)) {
        found.add(entry.getPath().getName());
      }
    } catch (IOException e) {
      return List.of();
    }
    List<String> ordered = new ArrayList<>(FIRST);
    ordered.retainAll(found);
    found.removeAll(ordered);
    found.stream().sorted().forEach(ordered::add);
    return ordered;
  }

  /** Puts what the files hold as JSON into the object: each under its name. */
  private void object() {
    terminal
        .answer()
        .ifPresent(
            answer -> {
              List<String> entries = entries();
              answer.put("command", command);
              answer.put("output", path.toString());
              answer.put("entries", entries);
              for (String name : entries) {
                if (name.endsWith(JSON) && !LEFT_OUT.contains(name)) {
                  answer.put(name.substring(0, name.length() - JSON.length()), read(name));
                }
              }
            });
  }

  private Object read(String name) {
    Path file = new Path(path, name);
    Configuration hadoop = Session.hadoop();
    try (FileSystem files = FileSystem.newInstance(path.toUri(), hadoop);
        InputStream in = files.open(file)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      return Map.of("not_readable", Failures.reason(e));
    }
  }
}

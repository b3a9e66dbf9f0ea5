package org.sparkcurvature.job.page;

import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Paths as they may be sent to others: relative to where the program ran, and without the names of
 * people's folders.
 */
final class LocalPaths {
  private final Map<String, String> replaced;

  private LocalPaths(Map<String, String> replaced) {
    this.replaced = replaced;
  }

  /**
   * @param output the folder of the result: what lies beside it is told relative to it
   */
  static LocalPaths from(String output) {
    Map<String, String> replaced = new LinkedHashMap<>();
    add(replaced, System.getProperty("user.dir", ""), ".");
    String beside = local(output);
    Path parent = beside.startsWith("/") ? Path.of(beside).getParent() : null;
    if (parent != null && parent.getNameCount() > 0) {
      add(replaced, parent.toString(), "..");
    }
    add(replaced, System.getProperty("user.home", ""), "~");
    return new LocalPaths(replaced);
  }

  private static void add(Map<String, String> replaced, String folder, String by) {
    if (folder.length() > 1) {
      replaced.putIfAbsent(folder, by);
    }
  }

  /** A path of its own. */
  String shown(String path) {
    String shown = within(local(path));
    return shown.startsWith("./") ? shown.substring(2) : shown;
  }

  /** A text with paths in it. */
  String within(String text) {
    String shown = text;
    for (Map.Entry<String, String> folder : replaced.entrySet()) {
      shown = shown.replace("file:" + folder.getKey() + "/", folder.getValue() + "/");
      shown = shown.replace(folder.getKey() + "/", folder.getValue() + "/");
      shown = shown.replace(folder.getKey() + "\"", folder.getValue() + "\"");
    }
    return shown;
  }

  private static String local(String path) {
    if (!path.startsWith("file:")) {
      return path;
    }
    try {
      return URI.create(path).getPath();
    } catch (IllegalArgumentException e) {
      return path.substring("file:".length());
    }
  }
}

package org.sparkcurvature.job.sink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.source.FileNames;
import org.sparkcurvature.job.source.InputListing;

/** What may be written where: never over the input, nor over anything that is no result. */
final class OutputPlace {
  private OutputPlace() {}

  /** The path that {@code path} leads to, without the symbolic links of local disks. */
  static Path real(FileSystem files, Path path) throws IOException {
    Path qualified = files.makeQualified(path);
    if (!"file".equals(qualified.toUri().getScheme())) {
      return qualified;
    }
    Path there = qualified;
    List<String> behind = new ArrayList<>();
    while (!there.isRoot() && !Files.exists(Moves.local(there))) {
      behind.add(0, there.getName());
      there = there.getParent();
    }
    Path real =
        files.makeQualified(new Path("file", null, Moves.local(there).toRealPath().toString()));
    for (String name : behind) {
      real = new Path(real, name);
    }
    return real;
  }

  /**
   * Refuses a folder that holds an input, or that a reader of an input would find there.
   *
   * @param inputs paths and globs
   * @param replaced whether what the folder holds is to be removed
   */
  static void refuseInputs(
      Path root, List<String> inputs, boolean replaced, Configuration configuration)
      throws IOException {
    for (String input : inputs) {
      try {
        refuseInput(root, input, replaced, configuration);
      } catch (IOException | RuntimeException e) {
        throw Errors.inputPath(input, e);
      }
    }
  }

  private static void refuseInput(
      Path root, String input, boolean replaced, Configuration configuration) throws IOException {
    Path path = new Path(input);
    FileSystem files = path.getFileSystem(configuration);
    Path read = files.makeQualified(path);
    List<Path> named = new ArrayList<>(List.of(read));
    FileStatus[] matches = files.globStatus(path);
    for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
      named.add(real(files, match.getPath()));
    }
    if (replaced && named.stream().anyMatch(at -> isWithin(at, root))) {
      throw Errors.outputNotWritable(
          root.toString(), "it holds the input " + input + ", which would be removed");
    }
    // Readers pass over _names and .names.
    for (Path at = root;
        at.getParent() != null && !FileNames.isHidden(at.getName());
        at = at.getParent()) {
      Path here = at;
      if (isMatch(read, here) || named.contains(here)) {
        throw Errors.outputAmongInputs(root.toString(), input);
      }
    }
  }

  /** The same for files that a table or query was found to read, whatever led to them. */
  static void refuseListed(
      Path root, InputListing listing, boolean replaced, Configuration configuration)
      throws IOException {
    for (String input : listing.roots()) {
      Path path = new Path(input);
      Path read = real(path.getFileSystem(configuration), path);
      for (Path at = root;
          at.getParent() != null && !FileNames.isHidden(at.getName());
          at = at.getParent()) {
        if (at.equals(read) && !isWithin(read, root)) {
          throw Errors.outputAmongInputs(root.toString(), input);
        }
      }
    }
    Set<Path> folders = new HashSet<>();
    for (InputListing.Entry file : listing.files()) {
      Path path = new Path(file.path());
      FileSystem files = path.getFileSystem(configuration);
      boolean isLink =
          "file".equals(files.getUri().getScheme()) && Files.isSymbolicLink(Moves.local(path));
      // A folder's real path serves for all files in it that are no links themselves.
      if (!isLink && !folders.add(path.getParent())) {
        continue;
      }
      if (replaced && isWithin(real(files, path), root)) {
        throw Errors.outputNotWritable(
            root.toString(), "it holds the input " + file.path() + ", which would be removed");
      }
    }
  }

  /** Whether a path is a folder or lies below it. */
  static boolean isWithin(Path path, Path folder) {
    for (Path at = path; at != null; at = at.getParent()) {
      if (at.equals(folder)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a path is one that a glob names, or that path itself. */
  private static boolean isMatch(Path glob, Path path) {
    if (glob.equals(path)) {
      return true;
    }
    if (glob.getParent() == null || path.getParent() == null) {
      return false;
    }
    return new GlobPattern(glob.getName()).matches(path.getName())
        && isMatch(glob.getParent(), path.getParent());
  }

  /**
   * The files below a folder, by their paths within it with their lengths; folders that hold none
   * as well, with a slash behind the name and the length 0. Marks of runs are left out.
   */
  static Map<String, Long> listing(FileSystem files, Path folder) throws IOException {
    Map<String, Long> found = new HashMap<>();
    list(files, folder, "", found);
    return found;
  }

  private static void list(FileSystem files, Path folder, String prefix, Map<String, Long> found)
      throws IOException {
    FileStatus[] entries;
    try {
      entries = files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return;
    }
    if (entries.length == 0 && !prefix.isEmpty()) {
      found.put(prefix, 0L);
    }
    for (FileStatus entry : entries) {
      String name = entry.getPath().getName();
      boolean marks = prefix.isEmpty() && Mark.isMark(name);
      if (!marks && entry.isDirectory()) {
        list(files, entry.getPath(), prefix + name + "/", found);
      } else if (!marks) {
        found.put(prefix + name, entry.getLen());
      }
    }
  }

  /** Entries of a folder that say how complete it is; no manifest lists them. */
  static final Set<String> OF_THE_RUN =
      Set.of(Manifest.NAME, OutputFolder.SUCCESS, OutputFolder.NOT_CONVERGED);

  /**
   * Refuses a folder that holds anything but what a manifest of this program lists, or what a run
   * that died was writing.
   *
   * @return the manifest, where there is one
   */
  static Optional<Manifest> refuseForeign(FileSystem files, Path root) throws IOException {
    Optional<Manifest> manifest = Manifest.read(files, root);
    List<String> foreign = foreign(files, root, manifest);
    if (!foreign.isEmpty()) {
      throw Errors.outputNotAResult(root.toString(), foreign, manifest.isPresent());
    }
    return manifest;
  }

  /** Whether a file is listed, or a file of a folder that is empty now. */
  private static boolean isListed(String path, Manifest manifest) {
    return manifest.files().containsKey(path)
        || path.endsWith("/")
            && manifest.files().keySet().stream().anyMatch(file -> file.startsWith(path));
  }

  /** What a folder holds that no manifest lists, in the order of paths. */
  static List<String> foreign(FileSystem files, Path root, Optional<Manifest> manifest)
      throws IOException {
    if (!files.exists(root)) {
      return List.of();
    }
    Set<String> announced = new HashSet<>();
    for (FileStatus entry : files.listStatus(root)) {
      if (Mark.isMark(entry.getPath().getName())) {
        announced.addAll(Mark.announced(files, entry));
      }
    }
    List<String> foreign = new ArrayList<>();
    for (String path : listing(files, root).keySet()) {
      String top = path.replaceFirst("/.*", "");
      boolean known =
          announced.contains(top)
              || manifest.isPresent()
                  && (OF_THE_RUN.contains(path) || isListed(path, manifest.get()));
      if (!known) {
        foreign.add(path);
      }
    }
    Collections.sort(foreign);
    return foreign;
  }
}

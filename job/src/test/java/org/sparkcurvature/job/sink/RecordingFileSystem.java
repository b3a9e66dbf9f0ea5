package org.sparkcurvature.job.sink;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk under another scheme, which writes down what changes on it and fails where it is
 * told to.
 */
public class RecordingFileSystem extends RawLocalFileSystem {
  /** What was done, by file system, such as {@code delete _SUCCESS}. */
  private static final ConcurrentHashMap<String, List<String>> DONE = new ConcurrentHashMap<>();

  private static final Set<String> FAILING = ConcurrentHashMap.newKeySet();

  private static final ConcurrentHashMap<String, Runnable> BEFORE = new ConcurrentHashMap<>();

  private URI uri;

  /** A Hadoop configuration in which {@code scheme} is this file system. */
  static Configuration configuration(String scheme) {
    DONE.put(scheme, Collections.synchronizedList(new ArrayList<>()));
    FAILING.clear();
    BEFORE.clear();
    Configuration configuration = new Configuration();
    configuration.setClass(
        "fs." + scheme + ".impl", RecordingFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    return configuration;
  }

  /** Steps done so far under a scheme. */
  static List<String> done(String scheme) {
    return List.copyOf(DONE.get(scheme));
  }

  /** From now on this step fails. */
  static void fail(String step) {
    FAILING.add(step);
  }

  /** The next time that this step is taken, something else happens first. */
  static void before(String step, Runnable action) {
    BEFORE.put(step, action);
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    uri = URI.create(name.getScheme() + ":///");
    super.initialize(name, configuration);
  }

  @Override
  public URI getUri() {
    return uri == null ? super.getUri() : uri;
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    step("rename " + to.getName());
    return super.rename(from, to);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    step("delete " + path.getName());
    return super.delete(path, recursive);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    step("create " + path.getName());
    return super.create(path, permission, overwrite, buffer, replication, block, progress);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    step("create " + path.getName());
    return super.create(path, overwrite, buffer, replication, block, progress);
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    step("create " + path.getName());
    return super.createNonRecursive(path, permission, flags, buffer, replication, block, progress);
  }

  private void step(String step) throws IOException {
    Runnable first = BEFORE.remove(step);
    if (first != null) {
      first.run();
    }
    if (FAILING.contains(step)) {
      throw new IOException("No space left on device: " + step);
    }
    List<String> done = DONE.get(uri.getScheme());
    // One way to create a file goes by another.
    if (!step.startsWith("create ") || done.isEmpty() || !done.get(done.size() - 1).equals(step)) {
      done.add(step);
    }
  }
}

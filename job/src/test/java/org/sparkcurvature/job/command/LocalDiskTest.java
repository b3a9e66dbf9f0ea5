package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The permissions are those that Hadoop's own file system gives. */
class LocalDiskTest {
  @TempDir private Path folder;

  private FileSystem files(Class<?> kind) throws IOException {
    Configuration configuration = new Configuration();
    configuration.setClass(LocalDisk.KEY, kind, FileSystem.class);
    configuration.set(Umask.KEY, "027");
    FileSystem files = FileSystem.newInstance(URI.create("file:///"), configuration);
    assertThat(files).isInstanceOf(kind);
    return files;
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  @Test
  void setsWhatHadoopSets() throws IOException {
    for (Class<?> kind : new Class<?>[] {LocalFileSystem.class, LocalDisk.class}) {
      String at = kind.getSimpleName();
      try (FileSystem files = files(kind)) {
        files.mkdirs(hadoop(folder.resolve(at)));
        files.create(hadoop(folder.resolve(at + "/file"))).close();
        files.setPermission(hadoop(folder.resolve(at + "/file")), new FsPermission((short) 0604));
        files.create(hadoop(folder.resolve(at + "/new"))).close();
        files.mkdirs(hadoop(folder.resolve(at + "/shared")));
        files.setPermission(
            hadoop(folder.resolve(at + "/shared")), new FsPermission((short) 01777));
      }
      assertThat(permissions(at)).isEqualTo("rwxr-x---");
      assertThat(permissions(at + "/file")).isEqualTo("rw----r--");
      assertThat(permissions(at + "/new")).isEqualTo("rw-r-----");
      assertThat(permissions(at + "/.new.crc")).isEqualTo("rw-r-----");
      assertThat((int) Files.getAttribute(folder.resolve(at + "/shared"), "unix:mode") & 01000)
          .as("the sticky bit of " + at)
          .isEqualTo(01000);
    }
  }

  @Test
  void failsWhereThereIsNoFile() throws IOException {
    try (FileSystem files = files(LocalDisk.class)) {
      assertThatThrownBy(
              () ->
                  files.setPermission(
                      hadoop(folder.resolve("none")), FsPermission.getFileDefault()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void leavesWhatIsConfigured() {
    Configuration configuration = new Configuration();
    assertThat(LocalDisk.unsetIn(configuration))
        .containsEntry(LocalDisk.KEY, LocalDisk.class.getName());
    configuration.set(LocalDisk.KEY, LocalFileSystem.class.getName());
    assertThat(LocalDisk.unsetIn(configuration)).doesNotContainKey(LocalDisk.KEY);
  }

  /** What was reached before by Hadoop's own class is reached by this one. */
  @Test
  void takesThePlaceOfTheFirst() throws IOException {
    Configuration plain = new Configuration();
    FileSystem.getLocal(plain).close();
    assertThat(FileSystem.getLocal(plain)).isNotInstanceOf(LocalDisk.class);
    Configuration configuration = new Configuration();
    LocalDisk.unsetIn(configuration).forEach(configuration::set);
    LocalDisk.replaceFirst(configuration);
    assertThat(FileSystem.getLocal(plain)).isInstanceOf(LocalDisk.class);
  }
}

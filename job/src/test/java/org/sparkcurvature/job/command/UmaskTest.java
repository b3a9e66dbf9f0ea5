package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UmaskTest {
  @TempDir Path folder;

  @Test
  void whatIsSetStays() {
    Configuration configuration = new Configuration();
    configuration.set(Umask.KEY, "027");
    assertThat(Umask.unsetIn(configuration)).isEmpty();
  }

  @Test
  void theLineOfTheKernelIsRead() {
    assertThat(Umask.of(List.of("Name:\tjava", "Umask:\t0077", "State:\tS"))).contains("0077");
    assertThat(Umask.of(List.of("Name:\tjava"))).isEmpty();
    assertThat(Umask.of(List.of("Umask:\tnone"))).isEmpty();
  }

  /** Hadoop takes what was read: a file has the permissions that one of Java's has. */
  @Test
  void filesHaveThePermissionsOfTheProcess() throws Exception {
    Configuration configuration = Session.hadoop();
    var hadoops = new org.apache.hadoop.fs.Path(folder.resolve("a").toString());
    try (OutputStream out =
        FileSystem.newInstance(hadoops.toUri(), configuration).create(hadoops)) {
      out.write(1);
    }
    Files.writeString(folder.resolve("b"), "");
    assertThat(permissions("a")).isEqualTo(permissions("b"));

    configuration.set(Umask.KEY, "0077");
    var own = new org.apache.hadoop.fs.Path(folder.resolve("c").toString());
    FileSystem.newInstance(own.toUri(), configuration).create(own).close();
    assertThat(permissions("c")).isEqualTo("rw-------");
  }

  private String permissions(String name) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }
}

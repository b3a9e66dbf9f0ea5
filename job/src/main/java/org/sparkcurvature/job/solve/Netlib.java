package org.sparkcurvature.job.solve;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.lapack.LAPACK;
import java.io.File;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The BLAS and LAPACK that Spark ships with Breeze, without a word where there is no native one.
 */
public final class Netlib {
  private Netlib() {}

  /** The BLAS: its own is as exact as a native one. */
  public static BLAS blas() {
    return Blas.INSTANCE;
  }

  static LAPACK lapack() {
    return Lapack.INSTANCE;
  }

  private static final class Blas {
    private static final BLAS INSTANCE = quietly("blas", BLAS::getInstance);
  }

  private static final class Lapack {
    private static final LAPACK INSTANCE = quietly("lapack", LAPACK::getInstance);
  }

  /**
   * Levels of logging and properties are the program's: they are as they were afterwards. Where the
   * system has no such library it is not looked for, since Spark 4.2's says on standard error that
   * it found none.
   */
  private static <T> T quietly(String library, Supplier<T> found) {
    Logger logger = Logger.getLogger("dev.ludovic.netlib." + library + ".InstanceBuilder");
    Level before = logger.getLevel();
    String key = "dev.ludovic.netlib." + library + ".allowNative";
    boolean denied = System.getProperty(key) == null && !isThere("lib" + library + ".so.3");
    logger.setLevel(Level.SEVERE);
    if (denied) {
      System.setProperty(key, "false");
    }
    try {
      return found.get();
    } finally {
      logger.setLevel(before);
      if (denied) {
        System.clearProperty(key);
      }
    }
  }

  private static boolean isThere(String file) {
    String search = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    return Stream.concat(
            Stream.of(search.split(File.pathSeparator)).filter(folder -> !folder.isEmpty()),
            Stream.of(
                "/usr/local/lib",
                "/usr/lib",
                "/lib",
                "/usr/lib64",
                "/lib64",
                "/usr/lib/" + machine + "-linux-gnu",
                "/lib/" + machine + "-linux-gnu"))
        .anyMatch(folder -> new File(folder, file).exists());
  }
}

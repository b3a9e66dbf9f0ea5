package org.sparkcurvature.job.solve;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.lapack.LAPACK;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

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

  /** Levels of logging are the program's: this one is as it was afterwards. */
  private static <T> T quietly(String library, Supplier<T> found) {
    Logger logger = Logger.getLogger("dev.ludovic.netlib." + library + ".InstanceBuilder");
    Level before = logger.getLevel();
    logger.setLevel(Level.SEVERE);
    try {
      return found.get();
    } finally {
      logger.setLevel(before);
    }
  }
}

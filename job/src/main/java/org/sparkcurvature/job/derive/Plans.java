package org.sparkcurvature.job.derive;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sparkcurvature.engine.CompiledSpec;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.job.reduce.Wire;

/**
 * The plans of this process, one for each specification: its cost, the passes of the driver's
 * threads and the tasks of an executor share it. Planning a loss of a thousand definitions takes
 * seconds.
 */
public final class Plans {

  /** Derivations that are remembered: those of the passes of a job or two. */
  private static final int REMEMBERED = 8;

  /** By the bytes of the specification, the one used longest ago first. */
  private static final Map<ByteBuffer, CompiledSpec> PLANS =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, CompiledSpec> eldest) {
          return size() > REMEMBERED;
        }
      };

  private Plans() {}

  /** The plan of a specification; whoever asks first makes it, and others wait. */
  public static CompiledSpec of(DerivativeSpec spec) {
    return of(Wire.bytes(spec));
  }

  /** As {@link #of(DerivativeSpec)}, of its bytes. */
  static CompiledSpec of(byte[] spec) {
    synchronized (PLANS) {
      return PLANS.computeIfAbsent(
          ByteBuffer.wrap(spec), unused -> Wire.<DerivativeSpec>value(spec).planned());
    }
  }
}

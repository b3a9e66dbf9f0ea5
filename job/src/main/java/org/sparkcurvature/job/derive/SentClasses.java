package org.sparkcurvature.job.derive;

import java.util.ArrayList;
import java.util.List;
import org.sparkcurvature.job.source.CachedSamples;

/** The classes that a cluster's own serializer writes; all else travels as bytes. */
public final class SentClasses {
  private SentClasses() {}

  /** The classes. */
  public static List<Class<?>> all() {
    List<Class<?>> all = new ArrayList<>(CachedSamples.keptClasses());
    all.add(Engines.class);
    return all;
  }
}

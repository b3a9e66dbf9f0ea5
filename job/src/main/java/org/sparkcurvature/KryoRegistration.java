package org.sparkcurvature;

import com.esotericsoftware.kryo.Kryo;
import java.util.HashMap;
import org.apache.spark.serializer.KryoRegistrator;
import org.sparkcurvature.job.derive.SentClasses;
import org.sparkcurvature.job.infer.GroupKey;

/**
 * Registers what this program has Kryo write, for sessions with {@code
 * spark.kryo.registrationRequired}: set {@code spark.kryo.registrator} to this class.
 */
public final class KryoRegistration implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    SentClasses.all().forEach(kryo::register);
    kryo.register(GroupKey.class);
    kryo.register(HashMap.class);
    kryo.register(double[][].class);
    kryo.register(Object[][].class);
  }
}

package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.source.Source;
import scala.reflect.ClassTag$;

/** What is sent to executors. */
class EnginesTest {
  @TempDir Path folder;

  private Broadcast<Engines> sent() throws IOException {
    Source source =
        Source.open(LocalSpark.session(), Problems.input(folder, Problems.observations(5), 1));
    return Engines.send(
        source,
        Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 14),
        Problems.PARAMETERS);
  }

  @Test
  void aProcessPlansOnce() throws IOException {
    Engines engines = sent().value();
    assertThat(engines.planned()).isSameAs(engines.planned());
  }

  @Test
  void bothOfSparksSerializersCarryIt() throws IOException {
    Engines engines = sent().value();
    engines.open().close(); // a plan has been made, and stays here
    SerializerInstance kryo = new KryoSerializer(new SparkConf()).newInstance();
    Engines byKryo =
        kryo.deserialize(
            kryo.serialize(engines, ClassTag$.MODULE$.apply(Engines.class)),
            ClassTag$.MODULE$.apply(Engines.class));
    Engines byJava = Wire.value(Wire.bytes(engines));
    assertThat(sums(byKryo)).isEqualTo(sums(engines));
    assertThat(sums(byJava)).isEqualTo(sums(engines));
  }

  private static byte[] sums(Engines engines) {
    try (Engine engine = engines.open()) {
      Arrays.setAll(engine.input("x"), k -> Math.sin(k));
      engine.evaluate(3);
      Sums sums = Sums.zero(engines.planned().spec());
      engine.addTo(sums);
      return Wire.bytes(sums);
    }
  }
}

package org.sparkcurvature.job.firstlook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DistinctTest {
  private static final int MOST = 256;

  private static Distinct of(List<Long> hashes) {
    Distinct distinct = new Distinct(MOST);
    hashes.forEach(distinct::add);
    return distinct;
  }

  private static List<Long> hashes(int values, int rows, long seed) {
    Random random = new Random(seed);
    long[] distinct = random.longs(values).toArray();
    List<Long> hashes = new ArrayList<>();
    for (int k = 0; k < rows; k++) {
      hashes.add(distinct[k < values ? k : random.nextInt(values)]);
    }
    return hashes;
  }

  @Test
  void fewValuesAreCounted() {
    List<Long> hashes = hashes(MOST, 3_000, 1);
    Distinct distinct = of(hashes);
    assertThat(distinct.isExact()).isTrue();
    assertThat(distinct.number()).isEqualTo(new HashSet<>(hashes).size()).isEqualTo(MOST);
    assertThat(distinct.areUnique()).isFalse();
    assertThat(of(hashes(MOST, MOST, 1)).areUnique()).isTrue();
  }

  @Test
  void manyValuesAreEstimated() {
    Distinct distinct = of(hashes(50_000, 50_000, 2));
    assertThat(distinct.isExact()).isFalse();
    // The estimate's standard error is a 16th.
    assertThat(distinct.number() / 50_000.0).isCloseTo(1, within(0.2));
    assertThat(distinct.areUnique()).isTrue();
    assertThat(of(hashes(50_000, 60_000, 2)).areUnique()).isFalse();
  }

  @Test
  void neitherOrderNorPartsMatter() {
    List<Long> hashes = hashes(1_000, 5_000, 3);
    Distinct whole = of(hashes);
    for (int seed = 0; seed < 20; seed++) {
      List<Long> shuffled = new ArrayList<>(hashes);
      Collections.shuffle(shuffled, new Random(seed));
      int cut = 1 + new Random(seed).nextInt(hashes.size() - 2);
      Distinct merged =
          Stream.of(shuffled.subList(0, cut), shuffled.subList(cut, hashes.size()))
              .map(DistinctTest::of)
              .reduce(Distinct::merge)
              .orElseThrow();
      assertThat(merged.number()).isEqualTo(whole.number());
      assertThat(merged.isExact()).isEqualTo(whole.isExact());
      assertThat(merged.areUnique()).isEqualTo(whole.areUnique());
    }
  }
}

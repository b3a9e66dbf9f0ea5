package org.sparkcurvature.job.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.engine.Request.Rectangle;

class TilingTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "511, 1",
    "512, 10000000",
    "513, 300000",
    "1025, 1",
    "3000, 600000",
    "10000, 8388608",
    "20000, 30000000"
  })
  void groupsHoldEachTileOnceAndNoMoreThanTheyMay(int order, long elements) {
    Tiling tiling = Tiling.of(order, elements);
    BitSet seen = new BitSet();
    for (List<Rectangle> group : tiling.groups()) {
      long held = group.stream().mapToLong(Rectangle::size).sum();
      assertThat(held).isLessThanOrEqualTo(Math.max(512 * 512, Math.min(elements, 1 << 23)));
      for (Rectangle band : group) {
        for (Rectangle tile : Tiling.tiles(band)) {
          int number = tiling.number(tile.row(), tile.column());
          assertThat(tiling.tile(number)).isEqualTo(tile);
          assertThat(seen.get(number)).isFalse();
          seen.set(number);
        }
      }
    }
    assertThat(seen.cardinality()).isEqualTo(tiling.tiles()).isEqualTo(seen.length());
    assertThat(Tiling.elements(order))
        .isEqualTo(tiling.groups().stream().flatMap(List::stream).mapToLong(Rectangle::size).sum());
  }
}

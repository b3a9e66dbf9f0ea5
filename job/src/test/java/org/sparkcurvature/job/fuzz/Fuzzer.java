package org.sparkcurvature.job.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Bytes made of seeds at random: pieces are cut, doubled, exchanged between seeds, and replaced by
 * words that mean something to the reader. The same generator gives the same bytes.
 */
final class Fuzzer {
  private static final List<String> WORDS =
      List.of(
          "null",
          "true",
          "NaN",
          "-1",
          "0",
          "1e308",
          "1e-320",
          "2147483648",
          "9223372036854775808",
          "[]",
          "{}",
          "[",
          "]",
          "{",
          "}",
          "(",
          ")",
          "\"",
          "'",
          "`",
          ",",
          ":",
          "=",
          "+=",
          "${a}",
          "${?a}",
          "include \"base.conf\"",
          "#",
          "//",
          "\\",
          "\u0000",
          "\u001b[2J",
          "\u00e9",
          " ",
          "\n",
          "CASE WHEN ",
          " THEN ",
          " ELSE ",
          " END",
          "IF(",
          "axis => ",
          "sum(",
          "exp(",
          "dot(",
          "matmul(",
          "concat(",
          "reshape(",
          "slice(",
          "one_hot(",
          "logsumexp(",
          "pow(",
          "[0]",
          "[i]",
          "x",
          "y",
          "p",
          "q",
          "r",
          "m",
          "*",
          "/",
          "-",
          "+",
          " AND ",
          " = ",
          "<",
          "huber(",
          "lgamma(",
          "cumsum(",
          "transpose(",
          "outer(",
          "greatest(",
          "clip(");

  private final Random random;
  private final List<byte[]> seeds;

  Fuzzer(List<byte[]> seeds, long seed) {
    this.seeds = seeds;
    this.random = new Random(seed);
  }

  byte[] next() {
    List<Byte> bytes = list(seeds.get(random.nextInt(seeds.size())));
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      change(bytes);
    }
    byte[] result = new byte[bytes.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = bytes.get(i);
    }
    return result;
  }

  private void change(List<Byte> bytes) {
    int at = random.nextInt(bytes.size() + 1);
    int length = Math.min(bytes.size() - at, 1 + random.nextInt(random.nextBoolean() ? 4 : 60));
    List<Byte> piece = new ArrayList<>(bytes.subList(at, at + length));
    switch (random.nextInt(6)) {
      case 0 -> bytes.subList(at, at + length).clear();
      case 1 -> bytes.addAll(at, piece);
      case 2 -> {
        for (int copies = 1 << random.nextInt(8); copies > 0 && bytes.size() < 4000; copies--) {
          bytes.addAll(at, piece);
        }
      }
      case 3 -> {
        if (at < bytes.size()) {
          bytes.set(at, (byte) random.nextInt(256));
        }
      }
      case 4 -> {
        List<Byte> other = list(seeds.get(random.nextInt(seeds.size())));
        int from = random.nextInt(other.size() + 1);
        int to = Math.min(other.size(), from + random.nextInt(60));
        bytes.subList(at, at + length).clear();
        bytes.addAll(at, other.subList(from, to));
      }
      default -> {
        if (random.nextBoolean()) {
          bytes.subList(at, at + length).clear();
        }
        String word = WORDS.get(random.nextInt(WORDS.size()));
        bytes.addAll(at, list(word.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private static List<Byte> list(byte[] bytes) {
    List<Byte> list = new ArrayList<>(bytes.length);
    for (byte b : bytes) {
      list.add(b);
    }
    return list;
  }
}

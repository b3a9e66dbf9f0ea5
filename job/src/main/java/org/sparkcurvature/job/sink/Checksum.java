package org.sparkcurvature.job.sink;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 of what is added to it. */
public final class Checksum {
  private final MessageDigest digest;
  private long bytes;

  Checksum() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The SHA-256 of a text in UTF-8, in hexadecimal digits. */
  public static String of(String text) {
    Checksum checksum = new Checksum();
    checksum.add(text);
    return checksum.hex();
  }

  void add(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    add(encoded, 0, encoded.length);
  }

  void add(byte[] content, int from, int length) {
    digest.update(content, from, length);
    bytes += length;
  }

  /** How many bytes were added. */
  long bytes() {
    return bytes;
  }

  /** The checksum in hexadecimal digits; starts anew. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}

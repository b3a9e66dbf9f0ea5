package org.sparkcurvature.job.reduce;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * Values as bytes, by Java's serialisation, so that they travel whatever serializer a cluster is
 * configured with: Kryo, as Spark has it, can write neither records nor the immutable collections
 * of Java.
 */
public final class Wire {
  private Wire() {}

  /** The length of all pieces of a value but the last. */
  static final int PIECE = 1 << 20;

  /** The bytes of {@code value}, which fit into one array. */
  public static byte[] bytes(Serializable value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(value, bytes);
    return bytes.toByteArray();
  }

  /**
   * The bytes of {@code value} in pieces, at least one: a value may take more than one array holds.
   */
  static Deque<byte[]> pieces(Serializable value) {
    Pieces pieces = new Pieces();
    write(value, pieces);
    pieces.cut();
    return pieces.cut;
  }

  private static void write(Serializable value, OutputStream bytes) {
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All elements of what tasks made, in the order of the partitions. */
  public static <T extends Serializable> List<T> collect(JavaRDD<T> rdd) {
    JavaRDD<byte[]> bytes = Partitions.map(rdd, (partition, elements) -> new Written<>(elements));
    return Partitions.collect(bytes.rdd()).stream().map(Wire::<T>value).toList();
  }

  /** Elements, each as bytes when it is asked for. */
  private record Written<T extends Serializable>(Iterator<T> elements) implements Iterator<byte[]> {
    @Override
    public boolean hasNext() {
      return elements.hasNext();
    }

    @Override
    public byte[] next() {
      return bytes(elements.next());
    }
  }

  /** The value whose bytes these are. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // whoever wrote the bytes knows
  public static <T> T value(byte[] bytes) {
    return value(Collections.singleton(bytes).iterator());
  }

  /** The value whose pieces these are, in their order; takes one after the other as it is read. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // whoever wrote the bytes knows
  static <T> T value(Iterator<byte[]> pieces) {
    try (ObjectInputStream in = new Input(new Joined(pieces))) {
      @SuppressWarnings("unchecked") // whoever wrote the bytes knows
      T value = (T) in.readObject();
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Cuts what is written into pieces. */
  private static final class Pieces extends OutputStream {
    private final Deque<byte[]> cut = new ArrayDeque<>();
    private final ByteArrayOutputStream piece = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      int from = offset;
      while (from < offset + length) {
        int count = Math.min(offset + length - from, PIECE - piece.size());
        piece.write(bytes, from, count);
        from += count;
        if (piece.size() == PIECE) {
          cut();
        }
      }
    }

    void cut() {
      if (piece.size() > 0) {
        cut.add(piece.toByteArray());
        piece.reset();
      }
    }
  }

  /** Pieces as one stream. */
  private static final class Joined extends InputStream {
    private final Iterator<byte[]> pieces;
    private byte[] piece = {};
    private int next;

    Joined(Iterator<byte[]> pieces) {
      this.pieces = pieces;
    }

    private boolean isAtEnd() {
      while (next == piece.length && pieces.hasNext()) {
        piece = pieces.next();
        next = 0;
      }
      return next == piece.length;
    }

    @Override
    public int read() {
      return isAtEnd() ? -1 : piece[next++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (isAtEnd()) {
        return -1;
      }
      int count = Math.min(length, piece.length - next);
      System.arraycopy(piece, next, into, offset, count);
      next += count;
      return count;
    }
  }

  /** Finds classes where Spark puts the jars of an application. */
  private static final class Input extends ObjectInputStream {
    Input(InputStream in) throws IOException {
      super(in);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass described)
        throws IOException, ClassNotFoundException {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      try {
        return Class.forName(
            described.getName(), false, loader == null ? Wire.class.getClassLoader() : loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(described);
      }
    }
  }
}

package org.sparkcurvature.plan.steps;

import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;

/** Buffers of one plan, by their numbers and in that order: membership is an array access. */
public final class BufferSet extends AbstractSet<Buffer> {
  private static final int FEWEST = 64;

  private Buffer[] byId = new Buffer[FEWEST];
  private int size;

  public BufferSet() {}

  public BufferSet(Collection<Buffer> buffers) {
    addAll(buffers);
  }

  @Override
  public boolean add(Buffer buffer) {
    int id = buffer.id();
    if (id >= byId.length) {
      byId = Arrays.copyOf(byId, Math.max(id + 1, 2 * byId.length));
    }
    boolean isNew = byId[id] == null;
    if (isNew) {
      byId[id] = buffer;
      size++;
    }
    return isNew;
  }

  @Override
  public boolean contains(Object object) {
    return object instanceof Buffer buffer
        && buffer.id() < byId.length
        && byId[buffer.id()] != null;
  }

  @Override
  public boolean remove(Object object) {
    boolean isThere = contains(object);
    if (isThere) {
      byId[((Buffer) object).id()] = null;
      size--;
    }
    return isThere;
  }

  @Override
  public boolean removeAll(Collection<?> others) {
    int before = size;
    others.forEach(this::remove);
    return size < before;
  }

  /** In the order of their numbers; does not remove. */
  @Override
  public Iterator<Buffer> iterator() {
    return Arrays.stream(byId).filter(Objects::nonNull).iterator();
  }

  @Override
  public int size() {
    return size;
  }
}

package org.sparkcurvature.job.solve;

/**
 * Some of the elements of vectors and matrices: the others are held.
 *
 * @param kept their positions, ascending
 * @param order how many elements there are in all
 */
public record Elements(int[] kept, int order) {

  /** Whether they are all. */
  public boolean areAll() {
    return kept.length == order;
  }

  /** Their part of vectors that lie one after the other. */
  public double[] part(double[] vectors) {
    int count = vectors.length / order;
    double[] part = new double[count * kept.length];
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < kept.length; i++) {
        part[k * kept.length + i] = vectors[k * order + kept[i]];
      }
    }
    return part;
  }

  /** Whole vectors, whose other elements are 0. */
  public double[] whole(double[] part) {
    int count = part.length / kept.length;
    double[] vectors = new double[count * order];
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < kept.length; i++) {
        vectors[k * order + kept[i]] = part[k * kept.length + i];
      }
    }
    return vectors;
  }

  /** A whole matrix, whose other elements are 0. */
  public SymmetricMatrix whole(SymmetricMatrix part) {
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(order))];
    for (int i = 0; i < kept.length; i++) {
      for (int j = i; j < kept.length; j++) {
        packed[SymmetricMatrix.index(order, kept[i], kept[j])] = part.at(i, j);
      }
    }
    return SymmetricMatrix.ofPacked(order, packed);
  }

  /** The products of their part of a matrix with vectors. */
  public RefinedFactor.Products products(RefinedFactor.Products whole) {
    return (vectors, count) -> part(whole.of(whole(vectors), count));
  }
}

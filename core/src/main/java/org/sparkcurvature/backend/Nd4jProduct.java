package org.sparkcurvature.backend;

import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix product by ND4J, for memory that only ND4J reaches: a GPU's. It makes no objects outside
 * the heap when it runs.
 */
final class Nd4jProduct implements MatrixProduct {
  private final Operand left;
  private final Operand right;
  private final Operand out;
  private final boolean adds;
  private final Mmul operation;
  private final OpContext context;

  Nd4jProduct(Operand left, Operand right, Operand out, double coefficient, double kept) {
    this.left = left;
    this.right = right;
    this.out = out;
    this.adds = kept != 0;
    INDArray a = left.view();
    INDArray b = right.view();
    INDArray c = out.view();
    operation =
        new Mmul(
            a,
            b,
            c,
            coefficient,
            kept,
            MMulTranspose.builder()
                .transposeA(left.transposed())
                .transposeB(right.transposed())
                .build());
    context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(a, b);
    context.setOutputArrays(c);
    context.setIArguments(operation.iArgs());
    context.setTArguments(operation.tArgs());
  }

  @Override
  public void run() {
    left.storage().beforeProduct();
    right.storage().beforeProduct();
    if (adds) {
      out.storage().beforeProduct();
    }
    Nd4j.exec(operation, context);
    out.storage().afterProduct();
  }

  @Override
  public void close() {
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException("ND4J cannot close a product", e);
    }
  }
}

package org.sparkcurvature.job.infer;

import java.util.List;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.solve.Congruence;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * From the covariance of all free elements.
 *
 * @param x the estimates' free elements
 * @param free their covariance, order P
 * @param length how many natural elements are told of, the first ones
 */
record WholeCovariance(FreeModel model, double[] x, SymmetricMatrix free, int length)
    implements Covariances {
  @Override
  public SymmetricMatrix told() {
    return model.naturalCovariance(x, free).leading(length);
  }

  @Override
  public SymmetricMatrix functions(List<String> names) {
    return Congruence.of(model.functions().jacobian(model.free(x), names), free);
  }
}

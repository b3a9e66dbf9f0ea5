package org.sparkcurvature.job.config;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.sparkcurvature.engine.Precision;

/** Decodes everything under the root {@code curvature}. */
final class RunDecoder {
  private RunDecoder() {}

  /**
   * The configuration. It is good only when the block's decoding has collected no problem;
   * otherwise it has gaps.
   */
  static RunConfiguration decode(
      Block root, UriReader reader, ExpressionReader expressions, Purpose purpose) {
    Decoding decoding = root.decoding();
    Block inputBlock = root.block("input");
    Block modelBlock = root.block("model");
    boolean misspelt = FormulaDecoder.isMisspelt(modelBlock);
    if (misspelt) {
      decoding.misspelt(modelBlock.path("loss"));
    }
    boolean formula =
        misspelt
            || modelBlock.find("formula").isPresent()
            || !modelBlock.block("predictors").entries().isEmpty();
    InputConfig input = InputDecoder.decode(inputBlock, formula);
    ModelNames names = new ModelNames(decoding);
    if (misspelt
        || Stream.of("input", "model").anyMatch(root::isMisspelt)
        || inputBlock.isMisspelt("tensors")
        || Stream.of("parameters", "define").anyMatch(modelBlock::isMisspelt)) {
      // What is said of names would only follow from that.
      names.incomplete();
    }
    ModelConfig model =
        ModelDecoder.decode(modelBlock, inputBlock, input, names, reader, expressions);
    DeriveConfig derive = DeriveDecoder.decode(root.block("derive"), names, purpose);
    FitConfig fit = FitDecoder.decode(root.block("fit"), names, model);
    if (purpose != Purpose.ESTIMATION) {
      refuseClashes(inputBlock, input, derive);
    }
    RunConfiguration configuration =
        new RunConfiguration(
            input,
            model,
            derive,
            fit,
            InferDecoder.decode(
                root.block("infer"),
                model,
                purpose,
                root.block("influence").find("linear-predictor").isPresent()),
            InfluenceConfig.decode(root.block("influence"), inputBlock, names),
            SpectrumConfig.decode(root.block("spectrum")),
            PredictConfig.decode(root.block("predict")),
            EffectsConfig.decode(root.block("effects")),
            root.choice("precision", Precision.values()),
            root.choice("device", Device.values()),
            root.bytes("block-memory"),
            OutputDecoder.decode(root.block("output"), input),
            ReportConfig.decode(root.block("report")),
            RunConfig.decode(root.block("run")));
    GroupsConfig.refuse(root, configuration);
    root.end();
    return configuration;
  }

  /** Spark tells columns apart without regard to case. */
  private static void refuseClashes(Block block, InputConfig input, DeriveConfig derive) {
    Set<String> taken = new HashSet<>();
    for (String column : DeriveDecoder.columns(derive.request().perSample())) {
      if (!taken.add(column.toLowerCase(Locale.ROOT))) {
        block
            .decoding()
            .problem(
                "derive.per-sample",
                "makes two columns " + column + " that differ in case alone",
                "rename one of the definitions");
      }
    }
    for (String column : input.carry()) {
      if (!taken.add(column.toLowerCase(Locale.ROOT))) {
        block
            .find("carry")
            .ifPresent(
                list ->
                    list.problem(
                        "carries the column "
                            + column
                            + ", whose name per-sample outputs have taken",
                        "rename the column in input.sql, or leave it out"));
      }
    }
  }
}

package org.sparkcurvature.job.config;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.SampleResult;

/** Decodes the block {@code derive}. */
final class DeriveDecoder {
  private final Block derive;
  private final ModelNames names;
  private final Purpose purpose;

  private DeriveDecoder(Block derive, ModelNames names, Purpose purpose) {
    this.derive = derive;
    this.names = names;
    this.purpose = purpose;
  }

  static DeriveConfig decode(Block derive, ModelNames names, Purpose purpose) {
    return new DeriveDecoder(derive, names, purpose).decode();
  }

  private DeriveConfig decode() {
    List<String> wrt = wrt();
    Reduction reduction = derive.choice("reduction", Reduction.values());
    Block globalBlock = derive.block("global");
    Request.Global global = global(globalBlock);
    Block sampleBlock = derive.block("per-sample");
    Request.PerSample perSample = perSample(sampleBlock);
    derive.end();
    if (purpose == Purpose.ESTIMATION) {
      refuseInputs(wrt);
    } else if (globalBlock.present() && sampleBlock.present()) {
      refuseSumsOverInputs(wrt, global);
      refuseNothing(global, perSample);
    }
    return new DeriveConfig(Request.by(wrt).withSums(global).withSamples(perSample), reduction);
  }

  private List<String> wrt() {
    Optional<Setting> setting = derive.find("wrt");
    if (setting.isEmpty()) {
      return theOnlyParameter();
    }
    List<String> wrt = InputDecoder.distinct(derive, "wrt");
    if (setting.get().isList() && setting.get().elements().isEmpty()) {
      setting.get().problem("is empty", "name parameters or input tensors, as in wrt = [b0, beta]");
    }
    for (String name : wrt) {
      Optional<ModelNames.Kind> kind = names.kind(name);
      if (kind.isPresent() && kind.get() == ModelNames.Kind.DEFINITION) {
        setting
            .get()
            .problem(
                "names " + name + ", a definition; wrt takes parameters and input tensors",
                "d loss/d " + name + " is per-sample { adjoint-of = [" + name + "] }");
      } else if (names.lacks(name)) {
        setting
            .get()
            .problem(
                "names " + name + ", which is neither a parameter nor an input tensor",
                names.remedy(
                    name, EnumSet.of(ModelNames.Kind.PARAMETER, ModelNames.Kind.TENSOR), Set.of()));
      }
    }
    return wrt;
  }

  private List<String> theOnlyParameter() {
    List<String> parameters = names.all(ModelNames.Kind.PARAMETER);
    boolean all = purpose != Purpose.DERIVATIVES && !parameters.isEmpty();
    if (all || parameters.size() == 1 || !derive.present() || !names.isComplete()) {
      return parameters;
    }
    derive
        .decoding()
        .problem(
            derive.path("wrt"),
            parameters.isEmpty()
                ? "is missing, and there is no parameter that it could be"
                : "is missing, and needed where there is more than one parameter",
            parameters.isEmpty()
                ? "declare model.parameters, or name input tensors, as in wrt = [x]"
                : "say which, and in which order: wrt = [" + String.join(", ", parameters) + "]");
    return parameters;
  }

  private Request.Global global(Block block) {
    boolean value = block.flag("value");
    boolean gradient = block.flag("gradient");
    Request.HessianForm hessian =
        block.choice(
            "hessian",
            new Request.HessianForm[] {
              Request.HessianForm.FULL,
              Request.HessianForm.BLOCKS,
              Request.HessianForm.DIAGONAL,
              Request.HessianForm.NONE
            });
    Optional<String> ggn = block.text("ggn");
    ggn.ifPresent(
        name -> block.find("ggn").ifPresent(setting -> refuseOther(setting, name, Set.of())));
    boolean opg = block.flag("opg");
    block.end();
    return Request.Global.NONE
        .withValue(value)
        .withGradient(gradient)
        .withHessian(hessian)
        .withGgn(ggn)
        .withOpg(opg);
  }

  private Request.PerSample perSample(Block block) {
    boolean value = block.flag("value");
    boolean gradient = block.flag("gradient");
    Request.SampleHessianForm hessian =
        block.choice(
            "hessian",
            new Request.SampleHessianForm[] {
              Request.SampleHessianForm.NONE,
              Request.SampleHessianForm.PACKED,
              Request.SampleHessianForm.FULL,
              Request.SampleHessianForm.DIAGONAL
            });
    List<String> valuesOf = intermediates(block, "values-of");
    List<String> jacobianOf = intermediates(block, "jacobian-of");
    List<String> adjointOf = intermediates(block, "adjoint-of");
    block.end();
    return Request.PerSample.NONE
        .withValue(value)
        .withGradient(gradient)
        .withHessian(hessian)
        .withValuesOf(valuesOf)
        .withJacobiansOf(jacobianOf)
        .withAdjointsOf(adjointOf);
  }

  private List<String> intermediates(Block block, String key) {
    List<String> list = InputDecoder.distinct(block, key);
    block
        .find(key)
        .ifPresent(
            setting -> list.forEach(name -> refuseOther(setting, name, Set.of(ModelConfig.LOSS))));
    return list;
  }

  /** Refuses what is no definition and not among further names. */
  private void refuseOther(Setting setting, String name, Set<String> further) {
    Optional<ModelNames.Kind> kind = names.kind(name);
    if (further.contains(name) || kind.equals(Optional.of(ModelNames.Kind.DEFINITION))) {
      return;
    }
    if (kind.isPresent()) {
      String title = ModelNames.describe(kind.get());
      setting.problem(
          "names the " + title + " " + name + "; it takes names from model.define",
          kind.get() == ModelNames.Kind.TENSOR
              ? "for derivatives with respect to it, put it in derive.wrt"
              : "define an intermediate, or put it in derive.wrt");
    } else if (names.lacks(name)) {
      setting.problem(
          "names " + name + ", which is not defined",
          names.remedy(name, EnumSet.of(ModelNames.Kind.DEFINITION), further));
    }
  }

  private void refuseInputs(List<String> wrt) {
    for (String name : wrt) {
      if (names.kind(name).equals(Optional.of(ModelNames.Kind.TENSOR))) {
        derive
            .find("wrt")
            .ifPresent(
                setting ->
                    setting.problem(
                        "holds the input tensor " + name + ", and only parameters are estimated",
                        "name parameters, or leave wrt out for all of them"));
      }
    }
  }

  private void refuseSumsOverInputs(List<String> wrt, Request.Global global) {
    List<String> inputs =
        wrt.stream()
            .filter(name -> names.kind(name).equals(Optional.of(ModelNames.Kind.TENSOR)))
            .toList();
    if (inputs.isEmpty()) {
      return;
    }
    List<String> sums = new ArrayList<>();
    List<String> remedies = new ArrayList<>();
    if (global.gradient()) {
      sums.add("gradient = true");
      remedies.add("gradient = false");
    }
    if (global.hessian() != Request.HessianForm.NONE) {
      sums.add("hessian = " + Setting.spelling(global.hessian()));
      remedies.add("hessian = none");
    }
    global.ggn().ifPresent(name -> sums.add("ggn = " + name));
    global.ggn().ifPresent(name -> remedies.add("ggn = null"));
    if (global.opg()) {
      sums.add("opg = true");
      remedies.add("opg = false");
    }
    if (sums.isEmpty()) {
      return;
    }
    derive
        .find("wrt")
        .ifPresent(
            setting ->
                setting.problem(
                    "holds the input tensor %s, and derivatives with respect to an input tensor are per sample only, but derive.global has %s"
                        .formatted(String.join(", ", inputs), String.join(", ", sums)),
                    "write global { "
                        + String.join(", ", remedies)
                        + " }, or take parameters only"));
  }

  private void refuseNothing(Request.Global global, Request.PerSample perSample) {
    boolean sums =
        global.value()
            || global.gradient()
            || global.hessian() != Request.HessianForm.NONE
            || global.ggn().isPresent()
            || global.opg();
    if (!sums && !writesPerSample(perSample)) {
      derive
          .decoding()
          .problem(
              "derive",
              "asks for nothing",
              "switch something on in derive.global or derive.per-sample");
    }
  }

  private static boolean writesPerSample(Request.PerSample perSample) {
    return perSample.value()
        || perSample.gradient()
        || perSample.hessian() != Request.SampleHessianForm.NONE
        || !perSample.valuesOf().isEmpty()
        || !perSample.jacobianOf().isEmpty()
        || !perSample.adjointOf().isEmpty();
  }

  /** The columns of per-sample outputs, apart from carried ones, in the order of the contract. */
  static List<String> columns(Request.PerSample perSample) {
    List<String> columns = new ArrayList<>(List.of("id", "row", "value", "gradient", "hessian"));
    perSample.valuesOf().forEach(name -> columns.add(SampleResult.valueOf(name).column()));
    perSample.adjointOf().forEach(name -> columns.add(SampleResult.adjointOf(name).column()));
    perSample.jacobianOf().forEach(name -> columns.add(SampleResult.jacobianOf(name).column()));
    return columns;
  }
}

package org.sparkcurvature.job.config;

import com.typesafe.config.ConfigRenderOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Decodes what the block {@code model} says of a formula and a family. */
final class FormulaDecoder {
  private FormulaDecoder() {}

  /** The model by formula; empty where the model is written by hand. */
  static Optional<FormulaConfig> decode(Block model) {
    boolean writtenOut = model.flag("written-out");
    Optional<Setting> formula = model.find("formula");
    Optional<Setting> response = model.find("response");
    Map<String, Setting> predictors = model.block("predictors").entries();
    Optional<Setting> family = model.find("family");
    Map<String, Setting> families = model.block("families").entries();
    TensorConfig.Unseen unseen = model.choice("unseen", TensorConfig.Unseen.values());
    FormulaConfig.DropLevels dropLevels =
        model.choice("drop-levels", FormulaConfig.DropLevels.values());
    if (formula.isEmpty() && predictors.isEmpty() && family.isEmpty() && response.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> responseText = Optional.empty();
    List<String> levels = List.of();
    if (response.isPresent() && response.get().isBlock()) {
      Block block = response.get().block();
      responseText = block.text("of");
      levels = block.texts("levels");
      block.end();
    } else if (response.isPresent()) {
      responseText = response.get().text();
    }
    if (!writtenOut) {
      refuse(model, formula, responseText, predictors, family);
    }
    Optional<String> name = Optional.empty();
    Optional<String> link = Optional.empty();
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (family.isPresent() && family.get().isBlock()) {
      Block block = family.get().block();
      name = Optional.of(block.requiredText("name", "name the family: { name = poisson }"));
      link = block.text("link");
      block
          .entries()
          .forEach(
              (key, setting) -> {
                if (!key.equals("name") && !key.equals("link")) {
                  setting.number().ifPresent(number -> numbers.put(key, number));
                }
              });
    } else if (family.isPresent()) {
      name = family.get().text();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    predictors.forEach((key, setting) -> setting.text().ifPresent(text -> texts.put(key, text)));
    return Optional.of(
        new FormulaConfig(
            formula.flatMap(Setting::text),
            responseText,
            levels,
            texts,
            name,
            link,
            numbers,
            families.isEmpty()
                ? ""
                : model
                    .find("families")
                    .map(setting -> setting.value().render(ConfigRenderOptions.concise()))
                    .orElse(""),
            unseen,
            dropLevels));
  }

  /** Whether a formula, or what stands for one, seems to be there under another name. */
  static boolean isMisspelt(Block model) {
    return Stream.of("formula", "response", "predictors").anyMatch(model::isMisspelt);
  }

  private static void refuse(
      Block model,
      Optional<Setting> formula,
      Optional<String> response,
      Map<String, Setting> predictors,
      Optional<Setting> family) {
    if (formula.isPresent() && response.isPresent()) {
      formula
          .get()
          .problem(
              "is there, and model.response says what is modelled, too",
              "keep one; the levels of a formula's response are response { levels = [...] }");
    }
    if (family.isPresent()
        && formula.isEmpty()
        && (response.isEmpty() || predictors.isEmpty())
        && !isMisspelt(model)) {
      family
          .get()
          .problem(
              "is there without a formula",
              "write formula = \"y ~ x + C(g)\", or response and predictors");
    }
    if (family.isEmpty()
        && formula.isPresent()
        && model.find("loss").isEmpty()
        && !model.isMisspelt("family")
        && !model.isMisspelt("loss")) {
      formula
          .get()
          .problem(
              "is there without a family",
              "name one, as in family = poisson, or write a loss of your own");
    }
    if (family.isPresent()) {
      model
          .find("loss")
          .ifPresent(
              loss -> loss.problem("is there, and so is a family, which has its own", "keep one"));
    }
  }
}

package org.sparkcurvature.job.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.sparkcurvature.job.command.Terminal;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.report.Part;

/**
 * What every command but init takes that is about the console and not about the result. {@link
 * #wishes} reads these options before the command line is parsed, so that they also hold for what
 * is wrong with it.
 */
final class ConsoleOptions {
  private ConsoleOptions() {}

  /** What a command line says of the console, whatever else is wrong with it. */
  static Terminal.Wishes wishes(String... arguments) {
    List<String> all = List.of(arguments);
    String option = Syntax.COLOR.typed();
    Terminal.Color color = Terminal.Color.AUTO;
    for (int k = 0; k < all.size(); k++) {
      String value =
          all.get(k).startsWith(option + "=")
              ? all.get(k).substring(option.length() + 1)
              : all.get(k).equals(option) && k + 1 < all.size() ? all.get(k + 1) : "";
      for (Terminal.Color choice : Terminal.Color.values()) {
        color = value.equals(word(choice)) ? choice : color;
      }
    }
    return new Terminal.Wishes(
        Set.of(),
        all.contains(Syntax.QUIET.typed()),
        all.contains(Syntax.JSON.typed()),
        color,
        all.contains(Syntax.DEBUG.typed()));
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The terminal with what {@code --show} asks for.
   *
   * @param typed behind the command
   * @param command what is run
   * @param available what can be asked of it
   * @throws JobException with exit code 2 if something else is asked for
   */
  static Terminal of(Terminal terminal, Typed typed, String command, Part... available) {
    String color = typed.value(Syntax.COLOR).orElse(word(Terminal.Color.AUTO));
    List<String> colors = new ArrayList<>();
    for (Terminal.Color choice : Terminal.Color.values()) {
      colors.add(word(choice));
    }
    if (!colors.contains(color)) {
      throw Errors.usage(
          "--color takes " + String.join(", ", colors) + ", and was given '" + color + "'",
          "write --color=never");
    }
    List<String> names = new ArrayList<>();
    for (Part part : available) {
      names.add(part.toString());
    }
    Set<Part> asked = EnumSet.noneOf(Part.class);
    for (String name : typed.elements(Syntax.SHOW)) {
      // A command that always shows everything takes it, too.
      if (!names.contains(name) && !name.equals(Part.ALL.toString())) {
        throw notShown(command, name, names);
      }
      asked.add(Part.valueOf(name.toUpperCase(Locale.ROOT)));
    }
    return terminal.showing(asked);
  }

  private static JobException notShown(String command, String name, List<String> names) {
    if (names.isEmpty()) {
      return Errors.usage(command + " shows all that it has", "leave --show out");
    }
    List<String> near = Names.nearest(name, names);
    return Errors.usage(
        "%s has no part '%s' to show; it has: %s"
            .formatted(command, name, String.join(", ", names)),
        "write --show " + (near.isEmpty() ? names.get(0) : near.get(0)));
  }
}

package org.sparkcurvature.job.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.Names;

/** What was typed behind a command: options, and operands where the command takes them. */
final class Typed {
  private final CommandLine line;
  private final String help;

  private Typed(CommandLine line, String help) {
    this.line = line;
    this.help = help;
  }

  /**
   * Takes words apart.
   *
   * @param help the command whose output says what may be typed
   * @throws JobException with exit code 2 for what the syntax does not have
   */
  static Typed of(Syntax syntax, List<String> words, String help) {
    Options options = new Options();
    for (Syntax.Taken taken : syntax.options()) {
      options.addOption(
          Option.builder(taken.letter().isEmpty() ? null : taken.letter())
              .longOpt(taken.name())
              .hasArg(taken.hasValue())
              .build());
    }
    CommandLine line;
    try {
      line =
          DefaultParser.builder()
              .setAllowPartialMatching(false)
              .setStripLeadingAndTrailingQuotes(false)
              .build()
              .parse(options, words.toArray(String[]::new));
    } catch (UnrecognizedOptionException e) {
      throw unknown(syntax, e.getOption(), help);
    } catch (MissingArgumentException e) {
      throw Errors.usage("--" + e.getOption().getLongOpt() + " has no value", help);
    } catch (ParseException e) {
      throw Errors.usage(e.getMessage(), help);
    }
    if (syntax.operands().isEmpty() && !line.getArgList().isEmpty()) {
      throw unknown(syntax, line.getArgList().get(0), help);
    }
    for (Syntax.Taken taken : syntax.options()) {
      String[] values = line.getOptionValues(taken.name());
      if (!taken.repeated() && values != null && values.length > 1) {
        throw Errors.usage(taken.typed() + " is given more than once", help);
      }
    }
    return new Typed(line, help);
  }

  private static JobException unknown(Syntax syntax, String word, String help) {
    List<String> near =
        word.startsWith("-")
            ? Names.nearest(
                word.split("=", 2)[0], syntax.options().stream().map(Syntax.Taken::typed).toList())
            : List.of();
    return Errors.usage(
        "there is no option or argument '" + word + "' here",
        (near.isEmpty() ? "" : "perhaps " + near.get(0) + " was meant: ") + help);
  }

  boolean has(Syntax.Taken taken) {
    return line.hasOption(taken.name());
  }

  Optional<String> value(Syntax.Taken taken) {
    return Optional.ofNullable(line.getOptionValue(taken.name()));
  }

  /** All values, in the order in which they were typed. */
  List<String> values(Syntax.Taken taken) {
    String[] values = line.getOptionValues(taken.name());
    return values == null ? List.of() : Arrays.asList(values);
  }

  /** All values of lists with commas between. */
  List<String> elements(Syntax.Taken taken) {
    List<String> elements = new ArrayList<>();
    for (String value : values(taken)) {
      elements.addAll(List.of(value.split(",")));
    }
    return elements;
  }

  /** What was typed beside options. */
  List<String> operands() {
    return line.getArgList();
  }

  /** That something is missing, or too much. */
  JobException refused(String what) {
    return Errors.usage(what, help);
  }
}

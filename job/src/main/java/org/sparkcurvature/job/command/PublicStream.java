package org.sparkcurvature.job.command;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.Style;

/** The way of everything that is printed: each line of it as {@link PublicText} shows it. */
final class PublicStream extends PrintStream {
  private final PrintStream raw;

  private PublicStream(PrintStream raw, Style style) {
    super(new Lines(raw, style), true, StandardCharsets.UTF_8);
    this.raw = raw;
  }

  static PublicStream of(PrintStream stream, Style style) {
    return stream instanceof PublicStream already ? already : new PublicStream(stream, style);
  }

  /** For what moves the cursor. */
  PrintStream raw() {
    return raw;
  }

  /** Collects a line and hands it on as text. */
  private static final class Lines extends OutputStream {
    private static final String BOLD_MARK = "\uf8f0";
    private static final String PLAIN_MARK = "\uf8f1";

    private final PrintStream raw;
    private final Style style;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(PrintStream raw, Style style) {
      this.raw = raw;
      this.style = style;
    }

    @Override
    public synchronized void write(int value) {
      if (value == '\n') {
        end();
        raw.print("\n");
      } else {
        line.write(value);
      }
    }

    @Override
    public synchronized void write(byte[] content, int from, int length) {
      for (int k = from; k < from + length; k++) {
        write(content[k]);
      }
    }

    @Override
    public synchronized void flush() {
      end();
      raw.flush();
    }

    private void end() {
      if (line.size() > 0) {
        raw.print(shown(line.toString(StandardCharsets.UTF_8)));
        line.reset();
      }
    }

    /** Headings on a terminal are the only sequences of our own. */
    private String shown(String text) {
      if (style != Style.TERMINAL) {
        return PublicText.line(text);
      }
      String[] bold = style.heading(BOLD_MARK).split(BOLD_MARK);
      return PublicText.line(text.replace(bold[0], BOLD_MARK).replace(bold[1], PLAIN_MARK))
          .replace(BOLD_MARK, bold[0])
          .replace(PLAIN_MARK, bold[1]);
    }
  }
}

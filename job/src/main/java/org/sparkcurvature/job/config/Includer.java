package org.sparkcurvature.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Parses HOCON files that a {@link UriReader} reads, together with what they include: {@code
 * include "other.conf"} is relative to the including file, on the same file system. As HOCON has
 * it, an included file may be missing unless it is {@code required(...)}.
 */
final class Includer implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL {
  /** Files within one another; more are taken for files that include each other. */
  private static final int DEEPEST = 50;

  /** A folder and the way back out of it, or none. */
  private static final Pattern STEP =
      Pattern.compile("(?<=^|/)(?!\\.\\.?/)[^/:]+/\\.\\./|(?<=^|/)\\./");

  private final UriReader reader;

  /** The file being parsed, and the files it was included from, outermost first. */
  private final List<String> chain;

  /** Is given each file's location and text. */
  private final BiConsumer<String, String> texts;

  private Includer(UriReader reader, List<String> chain, BiConsumer<String, String> texts) {
    this.reader = reader;
    this.chain = chain;
    this.texts = texts;
  }

  /**
   * @param texts is given the location and the text of each file that is read
   * @throws IOException when the file cannot be read
   * @throws ConfigException when it is malformed, or what it includes is
   */
  static Config parse(String location, UriReader reader, BiConsumer<String, String> texts)
      throws IOException {
    return new Includer(reader, List.of(location), texts).parse();
  }

  private Config parse() throws IOException {
    String location = chain.get(chain.size() - 1);
    String text = text(location, reader.read(location));
    texts.accept(location, text);
    return ConfigFactory.parseString(
        text, ConfigParseOptions.defaults().setOriginDescription(location).setIncluder(this));
  }

  private static String text(String location, byte[] bytes) throws IOException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new IOException(location + " is not text in UTF-8", e);
    }
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return included(context, beside(chain.get(chain.size() - 1), what));
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(context, what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    return included(context, what.toString());
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  private ConfigObject included(ConfigIncludeContext context, String location) {
    List<String> longer = new ArrayList<>(chain);
    longer.add(location);
    if (chain.stream().anyMatch(file -> plain(file).equals(plain(location)))
        || chain.size() >= DEEPEST) {
      throw new ConfigException.Generic("files include each other: " + String.join(", ", longer));
    }
    try {
      return new Includer(reader, longer, texts).parse().root();
    } catch (NoSuchFileException e) {
      if (context.parseOptions().getAllowMissing()) {
        return ConfigFactory.empty().root();
      }
      throw failed(location, e);
    } catch (IOException e) {
      throw failed(location, e);
    }
  }

  private ConfigException failed(String location, IOException e) {
    return new ConfigException.Generic(
        "included by " + chain.get(chain.size() - 1) + ": " + UnreadableFile.reason(location, e),
        e);
  }

  /** A location as seen from the folder of another. */
  private static String beside(String from, String what) {
    boolean whole = what.startsWith("/") || what.matches("[A-Za-z][A-Za-z0-9+.-]*:.*");
    return whole ? what : from.substring(0, from.lastIndexOf('/') + 1) + what;
  }

  /** Without steps down and up again, by which one file has many locations. */
  private static String plain(String location) {
    String shorter = STEP.matcher(location).replaceFirst("");
    return shorter.equals(location) ? location : plain(shorter);
  }
}

package dev.hull.cli.command;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** For people, for programs, or for a browser. */
final class ReportOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = Converter.class,
      description = "text (the default), json, or html (one page, with the steps of the starts).")
  Format format = Format.TEXT;

  enum Format {
    TEXT,
    JSON,
    HTML
  }

  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "text" -> Format.TEXT;
        case "json" -> Format.JSON;
        case "html" -> Format.HTML;
        default -> throw new TypeConversionException("expected text, json or html, not " + value);
      };
    }
  }
}

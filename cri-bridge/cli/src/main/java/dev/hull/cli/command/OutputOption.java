package dev.hull.cli.command;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** For people or for programs. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = Converter.class,
      description = "text (the default) or json.")
  Format format = Format.TEXT;

  enum Format {
    TEXT,
    JSON
  }

  boolean json() {
    return format == Format.JSON;
  }

  static String render(JsonElement json) {
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(json);
  }

  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "text" -> Format.TEXT;
        case "json" -> Format.JSON;
        default -> throw new TypeConversionException("expected text or json, not " + value);
      };
    }
  }
}

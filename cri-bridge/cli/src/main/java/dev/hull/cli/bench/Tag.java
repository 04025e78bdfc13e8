package dev.hull.cli.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * An element of a page, written so that HTML and XML both read it. Text and attributes are escaped
 * here and nowhere else; what no page may contain becomes a replacement character.
 */
final class Tag {
  /** HTML reads {@code <td/>} as a beginning without an end; of these elements it expects none. */
  private static final Set<String> VOID = Set.of("meta");

  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final StringBuilder content = new StringBuilder();

  private Tag(String name) {
    this.name = name;
  }

  static Tag of(String name) {
    return new Tag(name);
  }

  Tag with(String attribute, Object value) {
    attributes.put(attribute, String.valueOf(value));
    return this;
  }

  Tag text(String text) {
    content.append(escape(text));
    return this;
  }

  Tag add(Tag child) {
    content.append(child);
    return this;
  }

  @Override
  public String toString() {
    StringBuilder tag = new StringBuilder("<").append(name);
    attributes.forEach(
        (attribute, value) ->
            tag.append(' ').append(attribute).append("=\"").append(escape(value)).append('"'));
    return VOID.contains(name)
        ? tag.append("/>\n").toString()
        : tag.append('>').append(content).append("</").append(name).append(">\n").toString();
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isOfAPage(point) ? point : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /** XML 1.0, production Char. */
  private static boolean isOfAPage(int point) {
    return point == '\t'
        || point == '\n'
        || point == '\r'
        || (point >= 0x20 && point <= 0xD7FF)
        || (point >= 0xE000 && point <= 0xFFFD)
        || point >= 0x10000;
  }
}

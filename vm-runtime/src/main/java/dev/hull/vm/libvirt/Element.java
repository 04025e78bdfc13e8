package dev.hull.vm.libvirt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of XML that is being written; values are escaped, so nothing can break out of its place.
 */
final class Element {
  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<Element> children = new ArrayList<>();
  private String text = "";

  private Element(String name) {
    this.name = name;
  }

  static Element of(String name) {
    return new Element(name);
  }

  static Element text(String name, Object text) {
    Element element = new Element(name);
    element.text = text.toString();
    return element;
  }

  Element with(String attribute, Object value) {
    attributes.put(attribute, value.toString());
    return this;
  }

  Element add(Element... more) {
    children.addAll(List.of(more));
    return this;
  }

  Element add(List<Element> more) {
    children.addAll(more);
    return this;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    write(out);
    return out.toString();
  }

  private void write(StringBuilder out) {
    out.append('<').append(name);
    attributes.forEach(
        (attribute, value) -> {
          out.append(' ').append(attribute).append("='");
          escape(value, out);
          out.append('\'');
        });
    if (children.isEmpty() && text.isEmpty()) {
      out.append("/>");
      return;
    }
    out.append('>');
    escape(text, out);
    children.forEach(child -> child.write(out));
    out.append("</").append(name).append('>');
  }

  private static void escape(String value, StringBuilder out) {
    value
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '\'' -> out.append("&apos;");
                case '"' -> out.append("&quot;");
                default -> {
                  if (Character.isISOControl(c) || (c > 0xFFFD && c < 0x10000)) {
                    throw new IllegalArgumentException(
                        "a control character cannot be given to libvirt: " + value);
                  }
                  out.appendCodePoint(c);
                }
              }
            });
  }
}

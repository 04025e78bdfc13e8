package dev.hull.cli.pod;

import java.util.Map;

/**
 * Kubernetes' {@code $(NAME)} in commands, arguments and variables: replaced if the variable is
 * known, kept as written if not; {@code $$} is one dollar sign that begins nothing.
 */
public final class Expansion {
  private Expansion() {}

  public static String expand(String text, Map<String, String> variables) {
    StringBuilder result = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '$' || at + 1 == text.length()) {
        result.append(c);
        at++;
      } else if (text.charAt(at + 1) == '$') {
        result.append('$');
        at += 2;
      } else if (text.charAt(at + 1) == '(' && text.indexOf(')', at) > 0) {
        int end = text.indexOf(')', at);
        String name = text.substring(at + 2, end);
        String value = variables.get(name);
        result.append(value == null ? text.substring(at, end + 1) : value);
        at = end + 1;
      } else {
        result.append(c);
        at++;
      }
    }
    return result.toString();
  }
}

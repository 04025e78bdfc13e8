package dev.hull.cli.manifest;

import java.util.regex.Pattern;

/** How things may be called. */
final class Names {
  /** A host's name, or a label of a domain: RFC 1123. */
  static final Rule LABEL = label(63);

  /** A port's. */
  static final Rule PORT = label(15);

  /** Of labels and dots. */
  static final Rule SUBDOMAIN =
      new Rule(
          "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
          253,
          "must be lower-case letters, digits and dashes and dots, begin and end with a letter or"
              + " digit, and have at most 253 characters");

  static final Rule UID =
      new Rule(
          "[A-Za-z0-9][-A-Za-z0-9]*",
          63,
          "must be letters, digits and dashes, at most 63, such as a UUID");

  /** Kubernetes takes every printable ASCII character but the equals sign. */
  static final Rule VARIABLE =
      new Rule(
          "[\\x20-\\x3c\\x3e-\\x7e]+",
          Integer.MAX_VALUE,
          "must be printable ASCII without an equals sign");

  /** A key of a ConfigMap or Secret; it becomes the name of a file. */
  static final Rule KEY =
      new Rule(
          "(?!\\.\\.)[-._a-zA-Z0-9]+",
          253,
          "must be letters, digits, dots, dashes and underscores, and not begin with two dots");

  private Names() {}

  /** What a text must be like. An empty one is somebody else's problem. */
  record Rule(Pattern pattern, int most, String says) {
    Rule(String pattern, int most, String says) {
      this(Pattern.compile(pattern), most, says);
    }

    boolean allows(String value) {
      return value.length() <= most && pattern.matcher(value).matches();
    }

    void check(Fields fields, String field, String value) {
      if (!value.isEmpty() && !allows(value)) {
        fields.problem(field, ": " + says);
      }
    }
  }

  private static Rule label(int most) {
    return new Rule(
        "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
        most,
        "must be lower-case letters, digits and dashes, begin and end with a letter or digit, and"
            + " have at most "
            + most
            + " characters");
  }
}

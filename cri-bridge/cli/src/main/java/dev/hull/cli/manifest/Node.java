package dev.hull.cli.manifest;

import java.util.List;
import java.util.Map;

/** A piece of YAML that remembers its line (counted from 1). */
sealed interface Node {
  int line();

  /** As a person would call it: {@code a mapping}, {@code a number}, … */
  String kind();

  /** Keys in the order of the file. */
  record Mapping(int line, Map<String, Entry> entries) implements Node {
    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** {@code line} is the key's. */
  record Entry(int line, Node value) {}

  record Sequence(int line, List<Node> items) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  record Scalar(int line, Type type, String text) implements Node {
    @Override
    public String kind() {
      return switch (type) {
        case STRING -> "a string";
        case INTEGER, FLOAT -> "the number " + text;
        case BOOLEAN -> "the boolean " + text;
        case NULL -> "nothing";
      };
    }

    enum Type {
      STRING,
      INTEGER,
      FLOAT,
      BOOLEAN,
      NULL
    }
  }

  default boolean isNull() {
    return this instanceof Scalar(int line, Scalar.Type type, String text)
        && type == Scalar.Type.NULL;
  }
}

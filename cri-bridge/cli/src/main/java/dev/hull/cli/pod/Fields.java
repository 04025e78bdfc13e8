package dev.hull.cli.pod;

import dev.hull.cli.pod.ManifestException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mapping of the manifest, read field by field. A problem is noted and reading goes on, so that a
 * person sees all of them at once; {@link #finish} notes what nobody asked for.
 */
final class Fields {
  private final String path;
  private final Node.Mapping mapping;
  private final List<Problem> problems;
  private final Set<String> known = new TreeSet<>();

  Fields(String path, Node.Mapping mapping, List<Problem> problems) {
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
  }

  /** The line of a field, or of the mapping if the field is not there. */
  int line(String name) {
    Node.Entry entry = mapping.entries().get(name);
    return entry == null ? mapping.line() : entry.line();
  }

  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  void problem(String name, String message) {
    problems.add(new Problem(line(name), path(name) + message));
  }

  Optional<String> string(String name) {
    return value(name).flatMap(node -> string(line(name), path(name), node));
  }

  /** A string that must be there; empty, and a problem noted, if it is not. */
  String required(String name) {
    Optional<String> value = string(name);
    if (value.isEmpty() && value(name).isEmpty()) {
      problem(name, ": is missing");
    } else if (value.isPresent() && value.get().isEmpty()) {
      problem(name, ": must not be empty");
    }
    return value.orElse("");
  }

  Optional<Long> integer(String name, long least, long most) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!(value.get() instanceof Node.Scalar scalar) || scalar.type() != Node.Scalar.Type.INTEGER) {
      problem(name, ": expected an integer, found " + value.get().kind());
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(scalar.text());
      if (number >= least && number <= most) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // Hexadecimal, octal, or too large: out of range in any case that a manifest means.
    }
    problem(name, ": must be between " + least + " and " + most + ", not " + scalar.text());
    return Optional.empty();
  }

  boolean bool(String name) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return false;
    }
    if (value.get() instanceof Node.Scalar scalar && scalar.type() == Node.Scalar.Type.BOOLEAN) {
      return scalar.text().equalsIgnoreCase("true");
    }
    problem(name, ": expected true or false, found " + value.get().kind());
    return false;
  }

  /** A string or a number, as a quantity is written. */
  Optional<String> quantity(String name) {
    return value(name)
        .flatMap(
            node -> {
              if (node instanceof Node.Scalar scalar && scalar.type() != Node.Scalar.Type.BOOLEAN) {
                return Optional.of(scalar.text());
              }
              problem(name, ": expected a quantity such as 64Mi, found " + node.kind());
              return Optional.empty();
            });
  }

  List<String> strings(String name) {
    List<String> strings = new ArrayList<>();
    List<Node> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      string(items.get(i).line(), path(name) + "[" + i + "]", items.get(i)).ifPresent(strings::add);
    }
    return strings;
  }

  Map<String, String> stringMap(String name) {
    Map<String, String> strings = new LinkedHashMap<>();
    mapping(name)
        .ifPresent(
            fields ->
                fields
                    .mapping
                    .entries()
                    .forEach(
                        (key, entry) ->
                            string(entry.line(), fields.path(key), entry.value())
                                .ifPresent(value -> strings.put(key, value))));
    return strings;
  }

  Optional<Fields> mapping(String name) {
    return value(name)
        .flatMap(
            node -> {
              if (node instanceof Node.Mapping found) {
                return Optional.of(new Fields(path(name), found, problems));
              }
              problem(name, ": expected a mapping, found " + node.kind());
              return Optional.empty();
            });
  }

  /** The mappings of a list; what is not one is noted and left out. */
  List<Fields> mappings(String name) {
    List<Fields> mappings = new ArrayList<>();
    List<Node> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      String itemPath = path(name) + "[" + i + "]";
      Node item = items.get(i);
      if (item instanceof Node.Mapping found) {
        mappings.add(new Fields(itemPath, found, problems));
      } else {
        problems.add(
            new Problem(item.line(), itemPath + ": expected a mapping, found " + item.kind()));
      }
    }
    return mappings;
  }

  boolean has(String name) {
    return value(name).isPresent();
  }

  /**
   * Notes each of these fields that is set as not supported yet; null says nothing, as in the API.
   */
  void refuse(Set<String> names) {
    for (String name : names) {
      if (value(name).isPresent()) {
        problem(name, " is not supported yet");
      }
    }
  }

  /** As {@link #refuse}, for fields of which an empty mapping says nothing either. */
  void refuseUnlessEmpty(Set<String> names) {
    for (String name : names) {
      Optional<Node> value = value(name);
      if (value.isPresent()
          && !(value.get() instanceof Node.Mapping found && found.entries().isEmpty())) {
        problem(name, " is not supported yet");
      }
    }
  }

  /** Notes every field that none of the methods above was asked for. */
  void finish() {
    mapping
        .entries()
        .forEach(
            (name, entry) -> {
              if (!known.contains(name)) {
                String remedy =
                    closest(name).map(other -> "; did you mean " + other + "?").orElse("");
                problems.add(
                    new Problem(entry.line(), path(printable(name)) + ": unknown field" + remedy));
              }
            });
  }

  private Optional<Node> value(String name) {
    known.add(name);
    Node.@Nullable Entry entry = mapping.entries().get(name);
    return entry == null || entry.value().isNull() ? Optional.empty() : Optional.of(entry.value());
  }

  private List<Node> items(String name) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get() instanceof Node.Sequence sequence) {
      return sequence.items();
    }
    problem(name, ": expected a list, found " + value.get().kind());
    return List.of();
  }

  private Optional<String> string(int line, String where, Node node) {
    if (node instanceof Node.Scalar scalar && scalar.type() == Node.Scalar.Type.STRING) {
      if (scalar.text().indexOf('\0') >= 0) {
        problems.add(new Problem(line, where + ": must not contain a NUL character"));
        return Optional.empty();
      }
      return Optional.of(scalar.text());
    }
    String remedy =
        node instanceof Node.Scalar scalar && !scalar.isNull() ? "; put it in quotes" : "";
    problems.add(new Problem(line, where + ": expected a string, found " + node.kind() + remedy));
    return Optional.empty();
  }

  private Optional<String> closest(String name) {
    @Nullable String best = null;
    int bestDistance = name.length() <= 4 ? 2 : 3;
    for (String candidate : known) {
      int distance = distance(name, candidate, bestDistance);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Edits between two words, a change of case counting as none; {@code limit} if more. */
  private static int distance(String left, String right, int limit) {
    if (Math.abs(left.length() - right.length()) >= limit) {
      return limit;
    }
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] current = new int[right.length() + 1];
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        boolean same =
            Character.toLowerCase(left.charAt(i - 1)) == Character.toLowerCase(right.charAt(j - 1));
        current[j] =
            Math.min(previous[j - 1] + (same ? 0 : 1), Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return Math.min(limit, previous[right.length()]);
  }

  private static String printable(String name) {
    String shown = name.replaceAll("\\p{Cntrl}", "?");
    return shown.length() > 80 ? shown.substring(0, 80) + "…" : shown;
  }
}

package dev.hull.cli.manifest;

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
  private final Findings findings;
  private final Set<String> known = new TreeSet<>();

  Fields(String path, Node.Mapping mapping, Findings findings) {
    this.path = path;
    this.mapping = mapping;
    this.findings = findings;
  }

  /** The line of a field, or of the mapping if the field is not there. */
  int line(String name) {
    Node.Entry entry = mapping.entries().get(name);
    return entry == null ? mapping.line() : entry.line();
  }

  /** Of a field, or of the mapping itself for an empty name. */
  String path(String name) {
    return path.isEmpty() ? name : name.isEmpty() ? path : path + "." + name;
  }

  void problem(String name, String message) {
    findings.problem(line(name), path(name) + message);
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

  /** False if it is not there. */
  boolean bool(String name) {
    return flag(name).orElse(false);
  }

  Optional<Boolean> flag(String name) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof Node.Scalar scalar && scalar.type() == Node.Scalar.Type.BOOLEAN) {
      return Optional.of(scalar.text().equalsIgnoreCase("true"));
    }
    problem(name, ": expected true or false, found " + value.get().kind());
    return Optional.empty();
  }

  /** As {@link #integer}, for what is counted in an int. */
  Optional<Integer> small(String name, int least, int most) {
    return integer(name, least, most).map(Long::intValue);
  }

  /**
   * Permission bits: {@code 0644} is octal, as kubectl reads it (YAML 1.2 would not), and so is
   * {@code 0o644}; {@code 420} is decimal, as JSON has it.
   */
  Optional<Integer> octal(String name, int most) {
    Optional<Node> value = value(name);
    if (value.isPresent() && value.get() instanceof Node.Scalar(int _, var type, String text)) {
      String digits = text.startsWith("0o") ? text.substring(2) : text;
      boolean octal = text.startsWith("0") && text.length() > 1 && digits.matches("[0-7]{1,9}");
      if (type == Node.Scalar.Type.INTEGER && octal) {
        int mode = Integer.parseInt(digits, 8);
        if (mode <= most) {
          return Optional.of(mode);
        }
      }
    }
    return small(name, 0, most);
  }

  List<Long> integers(String name, long least, long most) {
    List<Long> integers = new ArrayList<>();
    List<Node> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      Fields item =
          new Fields(
              path,
              new Node.Mapping(
                  items.get(i).line(),
                  Map.of(name + "[" + i + "]", new Node.Entry(items.get(i).line(), items.get(i)))),
              findings);
      item.integer(name + "[" + i + "]", least, most).ifPresent(integers::add);
    }
    return integers;
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
                return Optional.of(new Fields(path(name), found, findings));
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
        mappings.add(new Fields(itemPath, found, findings));
      } else {
        findings.problem(item.line(), itemPath + ": expected a mapping, found " + item.kind());
      }
    }
    return mappings;
  }

  boolean has(String name) {
    return value(name).isPresent();
  }

  /** Notes a field that is set as refused, and why; null says nothing, as in the API. */
  void refuse(String name, String reason) {
    if (value(name).isPresent()) {
      problem(name, ": is refused: " + reason);
    }
  }

  /** As {@link #refuse}, but false says nothing either. */
  void refuseTrue(String name, String reason) {
    if (bool(name)) {
      problem(name, ": is refused: " + reason);
    }
  }

  /** Takes fields that have no effect here, if they are set. */
  void unused(String... names) {
    for (String name : names) {
      if (value(name).isPresent()) {
        findings.unused(path(name));
      }
    }
  }

  /** Takes a field that has no effect here, but may have only these fields in it. */
  void unused(String name, Shape shape) {
    unused(name);
    shape.check(this, name);
  }

  /** The mapping of a field, or the mappings of its list. */
  List<Fields> oneOrMore(String name) {
    return value(name).filter(Node.Sequence.class::isInstance).isPresent()
        ? mappings(name)
        : mapping(name).stream().toList();
  }

  /** The one of these texts that a field says; {@code otherwise} if it says nothing. */
  <T> T choice(String name, Map<String, T> choices, T otherwise) {
    Optional<String> text = string(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    T chosen = choices.get(text.get());
    if (chosen != null) {
      return chosen;
    }
    List<String> known = choices.keySet().stream().sorted().toList();
    problem(
        name,
        ": must be "
            + (known.size() == 1
                ? known.getFirst()
                : String.join(", ", known.subList(0, known.size() - 1)) + " or " + known.getLast())
            + ", not "
            + text.get());
    return otherwise;
  }

  /** A text that need not be there, and must match if it is. */
  String matching(String name, Names.Rule rule) {
    String value = string(name).orElse("");
    rule.check(this, name, value);
    return value;
  }

  /** Says that these are asked for elsewhere. */
  void known(String... names) {
    known.addAll(List.of(names));
  }

  /** The keys that are there, in the order of the file, without asking for them. */
  Set<String> keys() {
    return mapping.entries().keySet();
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
                findings.problem(entry.line(), path(printable(name)) + ": unknown field" + remedy);
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
        findings.problem(line, where + ": must not contain a NUL character");
        return Optional.empty();
      }
      return Optional.of(scalar.text());
    }
    String remedy =
        node instanceof Node.Scalar scalar && !scalar.isNull() ? "; put it in quotes" : "";
    findings.problem(line, where + ": expected a string, found " + node.kind() + remedy);
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

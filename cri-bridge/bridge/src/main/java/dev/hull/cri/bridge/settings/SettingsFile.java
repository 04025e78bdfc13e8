package dev.hull.cri.bridge.settings;

import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A settings file in YAML. {@code a: {b: 1}} and {@code a.b: 1} are the same setting {@code a.b}.
 * Whoever reads settings asks for each by its name, and for all that is wrong with the file at the
 * end, by {@link #finish}: until then defaults stand for what is wrong. Names that nobody asked for
 * are wrong.
 */
public final class SettingsFile {
  private static final int MAX_CHARACTERS = 1 << 20;
  private static final int MAX_DEPTH = 16;

  private record Value(int line, Node node) {}

  private record Problem(int line, String text) {}

  private final String name;
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> askedByHost = new TreeSet<>();
  private final List<Problem> problems = new ArrayList<>();

  private SettingsFile(String name) {
    this.name = name;
  }

  /**
   * Reads a file.
   *
   * @throws HostException if it cannot be read or is no YAML; what is wrong with its settings
   *     {@link #finish} says
   */
  public static SettingsFile read(Path file) throws HostException {
    try {
      return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new HostException("cannot read the settings in " + file + ": " + e, e);
    }
  }

  /** No settings: all have their defaults. */
  public static SettingsFile none() {
    return new SettingsFile("");
  }

  static SettingsFile parse(String name, String text) throws HostException {
    SettingsFile file = new SettingsFile(name);
    LoadSettings settings =
        LoadSettings.builder().setLabel(name).setCodePointLimit(MAX_CHARACTERS).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      // A file of comments alone has none.
      root.ifPresent(node -> file.collect("", node, 0));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().or(e::getContextMark).map(m -> m.getLine() + 1).orElse(1);
      throw new HostException("%s:%d: is no YAML: %s".formatted(name, line, e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new HostException("%s: is no YAML: %s".formatted(name, e.getMessage()), e);
    }
    return file;
  }

  private void collect(String at, Node node, int depth) {
    if (!(node instanceof MappingNode mapping) || depth > MAX_DEPTH) {
      if (at.isEmpty()) {
        wrong(line(node), "settings are wanted, each as NAME: VALUE");
      } else if (values.putIfAbsent(at, new Value(line(node), node)) != null) {
        wrong(line(node), at + " is here twice");
      }
      return;
    }
    for (NodeTuple entry : mapping.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key) {
        collect(
            at.isEmpty() ? key.getValue() : at + "." + key.getValue(),
            entry.getValueNode(),
            depth + 1);
      } else {
        wrong(line(entry.getKeyNode()), "a name must be a word");
      }
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  private void wrong(int line, String text) {
    problems.add(new Problem(line, text));
  }

  private Optional<Value> value(String setting) {
    asked.add(setting);
    return Optional.ofNullable(values.get(setting)).filter(value -> !isNull(value.node()));
  }

  /** A name without a value is as good as a comment. */
  private static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
  }

  /** A number from {@code least} to {@code most}. */
  public int number(String setting, int otherwise, int least, int most) {
    Optional<Value> value = value(setting);
    if (value.isEmpty()) {
      return otherwise;
    }
    String text = text(value.get().node());
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Said below, with what would do.
    }
    wrong(
        value.get().line(),
        "%s must be a number from %d to %d: %s".formatted(setting, least, most, text));
    return otherwise;
  }

  /** One of these words. */
  public String choice(String setting, String otherwise, List<String> words) {
    Optional<Value> value = value(setting);
    if (value.isEmpty()) {
      return otherwise;
    }
    String text = text(value.get().node());
    if (words.contains(text)) {
      return text;
    }
    wrong(
        value.get().line(),
        "%s must be %s: %s".formatted(setting, String.join(" or ", words), text));
    return otherwise;
  }

  /** A switch. */
  public boolean isOn(String setting, boolean otherwise) {
    return choice(setting, otherwise ? "on" : "off", List.of("on", "off")).equals("on");
  }

  /** What somebody else makes a value of; IllegalArgumentException says what is wrong with it. */
  public <T> Optional<T> parsed(String setting, Parser<T> parser) {
    return value(setting).flatMap(value -> parsed(setting, value, parser));
  }

  /** Makes a value of a text. */
  @FunctionalInterface
  public interface Parser<T> {
    T parse(String text);
  }

  private <T> Optional<T> parsed(String setting, Value value, Parser<T> parser) {
    try {
      return Optional.of(parser.parse(text(value.node())));
    } catch (IllegalArgumentException e) {
      wrong(value.line(), setting + " " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A list, or words with commas between them. */
  public List<String> words(String setting) {
    return value(setting).map(value -> words(setting, value)).orElse(List.of());
  }

  private List<String> words(String setting, Value value) {
    if (value.node() instanceof SequenceNode sequence) {
      List<String> words = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        if (item instanceof ScalarNode) {
          words.add(text(item));
        } else {
          wrong(line(item), setting + " must be a list of words");
        }
      }
      return words;
    }
    return Arrays.stream(text(value.node()).split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** {@link #words} of each host that {@code setting} has below it. */
  public Map<String, List<String>> wordsByHost(String setting) {
    Map<String, List<String>> found = new TreeMap<>();
    byHost(setting).forEach((host, value) -> found.put(host, words(setting + "." + host, value)));
    return found;
  }

  /** {@link #parsed} of each host that {@code setting} has below it. */
  public <T> Map<String, T> parsedByHost(String setting, Parser<T> parser) {
    Map<String, T> found = new TreeMap<>();
    byHost(setting)
        .forEach(
            (host, value) ->
                parsed(setting + "." + host, value, parser).ifPresent(its -> found.put(host, its)));
    return found;
  }

  private Map<String, Value> byHost(String setting) {
    askedByHost.add(setting);
    Map<String, Value> found = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(setting + ".") && !isNull(value.node())) {
            found.put(name.substring(setting.length() + 1), value);
          }
        });
    return found;
  }

  private static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue().strip() : "[…]";
  }

  /**
   * Is called when all settings have been asked for.
   *
   * @throws HostException that says, a line each, all that is wrong with the file
   */
  public void finish() throws HostException {
    values.forEach(
        (setting, value) -> {
          boolean known =
              asked.contains(setting)
                  || askedByHost.stream()
                      .anyMatch(
                          of ->
                              setting.startsWith(of + ".")
                                  || (setting.equals(of) && isNull(value.node())))
                  || (isNull(value.node())
                      && asked.stream().anyMatch(name -> name.startsWith(setting + ".")));
          if (!known) {
            wrong(value.line(), setting + " is no setting; " + nearest(setting));
          }
        });
    if (problems.isEmpty()) {
      return;
    }
    problems.sort(Comparator.comparingInt(Problem::line));
    StringBuilder report = new StringBuilder();
    for (Problem problem : problems) {
      report.append("%s:%d: %s%n".formatted(name, problem.line(), problem.text()));
    }
    throw new HostException(report.toString().stripTrailing());
  }

  private String nearest(String setting) {
    Set<String> names = new TreeSet<>(asked);
    askedByHost.forEach(of -> names.add(of + ".HOST"));
    return names.stream()
        .min(Comparator.comparingInt(known -> distance(setting, known)))
        .filter(known -> distance(setting, known) <= Math.max(3, setting.length() / 3))
        .map(known -> "did you mean " + known + "?")
        .orElse("there are " + String.join(" ", names));
  }

  /** Levenshtein's. */
  private static int distance(String left, String right) {
    int[] row = new int[right.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()];
  }
}

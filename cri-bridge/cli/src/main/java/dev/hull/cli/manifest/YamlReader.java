package dev.hull.cli.manifest;

import dev.hull.cli.manifest.ManifestException.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads the YAML documents of a file into {@link Node}s; JSON is YAML too. It works on the parser's
 * events, because only they know the line of every key, and because aliases then stay references: a
 * small file cannot grow into a large tree.
 */
final class YamlReader {
  /** A Pod that the API server takes has at most 1.5 MiB; people write a few KiB. */
  static final int MAX_CHARACTERS = 1 << 20;

  private static final int MAX_DEPTH = 64;

  private final String file;
  private final CoreSchema schema = new CoreSchema();
  private final Map<String, Node> anchors = new HashMap<>();

  YamlReader(String file) {
    this.file = file;
  }

  /** The documents that are not empty. */
  List<Node> read(String text) throws ManifestException {
    if (text.length() > MAX_CHARACTERS) {
      throw failure(1, "is larger than " + MAX_CHARACTERS + " characters");
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setSchema(schema)
            .setUseMarks(true)
            .setCodePointLimit(MAX_CHARACTERS)
            .build();
    Iterator<Event> events = new Parse(settings).parseString(text).iterator();
    try {
      return documents(events);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().or(e::getContextMark).map(mark -> mark.getLine() + 1).orElse(1);
      throw failure(line, "is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw failure(1, "is not YAML: " + e.getMessage());
    }
  }

  private List<Node> documents(Iterator<Event> events) throws ManifestException {
    List<Node> roots = new ArrayList<>();
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof NodeEvent) {
        // An anchor is of one document.
        anchors.clear();
        Node root = node(event, events, 0);
        if (!root.isNull()) {
          roots.add(root);
        }
      }
    }
    return roots;
  }

  private Node node(Event event, Iterator<Event> events, int depth) throws ManifestException {
    if (depth > MAX_DEPTH) {
      throw failure(line(event), "is nested more than " + MAX_DEPTH + " levels deep");
    }
    if (event instanceof AliasEvent alias) {
      Node target = anchors.get(alias.getAlias().getValue());
      if (target == null) {
        throw failure(
            line(event), "the alias *" + alias.getAlias().getValue() + " names no anchor");
      }
      return target;
    }
    Node node =
        switch (event) {
          case ScalarEvent scalar -> scalar(scalar);
          case SequenceStartEvent start -> sequence(start, events, depth);
          case MappingStartEvent start -> mapping(start, events, depth);
          default -> throw new IllegalStateException("unexpected YAML event " + event);
        };
    ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), node));
    return node;
  }

  private Node sequence(Event start, Iterator<Event> events, int depth) throws ManifestException {
    List<Node> items = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(node(event, events, depth + 1));
    }
    return new Node.Sequence(line(start), List.copyOf(items));
  }

  private Node mapping(Event start, Iterator<Event> events, int depth) throws ManifestException {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      int line = line(event);
      if (!(node(event, events, depth + 1) instanceof Node.Scalar key) || key.isNull()) {
        throw failure(line, "a key must be a string");
      }
      Node value = node(events.next(), events, depth + 1);
      Node.Entry earlier = entries.putIfAbsent(key.text(), new Node.Entry(line, value));
      if (earlier != null) {
        throw failure(line, key.text() + ": is here twice, first on line " + earlier.line());
      }
    }
    return new Node.Mapping(line(start), entries);
  }

  private Node scalar(ScalarEvent event) throws ManifestException {
    Optional<String> tag = event.getTag();
    if (tag.isPresent() && !tag.get().equals(Tag.STR.getValue())) {
      throw failure(line(event), "the tag " + tag.get() + " is not supported");
    }
    Tag resolved =
        tag.isPresent()
            ? Tag.STR
            : schema
                .getScalarResolver()
                .resolve(event.getValue(), event.getImplicit().canOmitTagInPlainScalar());
    Node.Scalar.Type type;
    if (resolved.equals(Tag.INT)) {
      type = Node.Scalar.Type.INTEGER;
    } else if (resolved.equals(Tag.FLOAT)) {
      type = Node.Scalar.Type.FLOAT;
    } else if (resolved.equals(Tag.BOOL)) {
      type = Node.Scalar.Type.BOOLEAN;
    } else if (resolved.equals(Tag.NULL)) {
      type = Node.Scalar.Type.NULL;
    } else {
      type = Node.Scalar.Type.STRING;
    }
    return new Node.Scalar(line(event), type, event.getValue());
  }

  private ManifestException failure(int line, String message) {
    return new ManifestException(file, List.of(new Problem(line, message)));
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}

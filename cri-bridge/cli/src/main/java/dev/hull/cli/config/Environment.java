package dev.hull.cli.config;

import com.google.protobuf.ByteString;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.EnvFrom;
import dev.hull.cli.pod.Expansion;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Secret;
import dev.hull.cli.pod.Variable;
import dev.hull.cli.pod.Variable.Source;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A container's variables as they are when it is started: first what {@code envFrom} names, then
 * {@code env}, each value expanded by the variables of {@code env} before it.
 */
public final class Environment {
  private final Map<String, String> variables;

  private Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /**
   * Looks everything up.
   *
   * @throws MissingException if something that is not optional is not there
   */
  public static Environment of(Pod pod, Container container, Facts facts, Objects objects)
      throws MissingException {
    Map<String, String> all = new LinkedHashMap<>();
    for (EnvFrom from : container.envFrom()) {
      data(pod, container, from, objects)
          .forEach((key, value) -> all.put(from.prefix() + key, value.toStringUtf8()));
    }
    Downward downward = new Downward(pod, facts);
    Map<String, String> own = new LinkedHashMap<>();
    for (Variable variable : container.env()) {
      Optional<String> value =
          switch (variable.source()) {
            case Source.Text text -> Optional.of(Expansion.expand(text.text(), own));
            case Source.Field field -> Optional.of(downward.field(field.field()));
            case Source.Resource resource ->
                Optional.of(downward.resource(container, resource.resource()));
            case Source.ConfigMapKey key ->
                value(
                    pod,
                    container,
                    objects.configMap(pod.namespace(), key.configMap()).map(ConfigMap::data),
                    "ConfigMap " + key.configMap(),
                    key.key(),
                    key.optional());
            case Source.SecretKey key ->
                value(
                    pod,
                    container,
                    objects.secret(pod.namespace(), key.secret()).map(Secret::data),
                    "Secret " + key.secret(),
                    key.key(),
                    key.optional());
          };
      value.ifPresent(
          text -> {
            own.put(variable.name(), text);
            all.put(variable.name(), text);
          });
    }
    return new Environment(all);
  }

  /** By name, in order. */
  public Map<String, String> variables() {
    return variables;
  }

  /** Words with the variables in them. */
  public List<String> expand(List<String> words) {
    return words.stream().map(this::expand).toList();
  }

  public String expand(String text) {
    return Expansion.expand(text, variables);
  }

  private static Map<String, ByteString> data(
      Pod pod, Container container, EnvFrom from, Objects objects) throws MissingException {
    Optional<Map<String, ByteString>> data =
        from.secret()
            ? objects.secret(pod.namespace(), from.name()).map(Secret::data)
            : objects.configMap(pod.namespace(), from.name()).map(ConfigMap::data);
    if (data.isEmpty() && !from.optional()) {
      throw missing(pod, container, (from.secret() ? "Secret " : "ConfigMap ") + from.name());
    }
    return new TreeMap<>(data.orElse(Map.of()));
  }

  private static Optional<String> value(
      Pod pod,
      Container container,
      Optional<Map<String, ByteString>> data,
      String what,
      String key,
      boolean optional)
      throws MissingException {
    Optional<String> value = data.map(d -> d.get(key)).map(ByteString::toStringUtf8);
    if (value.isEmpty() && !optional) {
      throw missing(pod, container, data.isEmpty() ? what : "the key " + key + " of " + what);
    }
    return value;
  }

  private static MissingException missing(Pod pod, Container container, String what) {
    return new MissingException(
        "%s is not in namespace %s, and variables of container %s are taken from it; apply it too, or say optional: true"
            .formatted(what, pod.namespace(), container.name()));
  }
}

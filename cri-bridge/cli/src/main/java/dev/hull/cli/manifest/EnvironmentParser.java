package dev.hull.cli.manifest;

import dev.hull.cli.pod.EnvFrom;
import dev.hull.cli.pod.Variable;
import dev.hull.cli.pod.Variable.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a container's variables. */
final class EnvironmentParser {
  private EnvironmentParser() {}

  static List<Variable> env(Fields container) {
    List<Variable> env = new ArrayList<>();
    for (Fields fields : container.mappings("env")) {
      String name = fields.required("name");
      Names.VARIABLE.check(fields, "name", name);
      Optional<String> text = fields.string("value");
      Optional<Fields> from = fields.mapping("valueFrom");
      if (from.isPresent() && text.filter(value -> !value.isEmpty()).isPresent()) {
        fields.problem("valueFrom", ": and value exclude each other");
      }
      Optional<Source> source =
          from.isPresent() ? source(from.get()) : Optional.of(new Source.Text(text.orElse("")));
      fields.finish();
      source.ifPresent(found -> env.add(new Variable(name, found)));
    }
    return env;
  }

  private static Optional<Source> source(Fields from) {
    List<Source> sources = new ArrayList<>();
    DownwardParser.field(from, false).ifPresent(field -> sources.add(new Source.Field(field)));
    DownwardParser.resource(from, false)
        .ifPresent(resource -> sources.add(new Source.Resource(resource)));
    from.mapping("configMapKeyRef")
        .ifPresent(
            f ->
                sources.add(
                    new Source.ConfigMapKey(f.required("name"), key(f), f.bool("optional"))));
    from.mapping("configMapKeyRef").ifPresent(EnvironmentParser::finishKey);
    from.mapping("secretKeyRef")
        .ifPresent(
            f -> sources.add(new Source.SecretKey(f.required("name"), key(f), f.bool("optional"))));
    from.mapping("secretKeyRef").ifPresent(EnvironmentParser::finishKey);
    from.refuse("fileKeyRef", "files of variables are not read yet; use a ConfigMap");
    from.finish();
    long there = from.keys().stream().filter(from::has).count();
    if (there != 1) {
      from.problem("", ": must have one source, and has " + there);
    }
    return sources.stream().findFirst();
  }

  private static String key(Fields reference) {
    return reference.matching("key", Names.KEY);
  }

  private static void finishKey(Fields reference) {
    if (!reference.has("key")) {
      reference.problem("key", ": is missing");
    }
    reference.known("name", "key", "optional");
    reference.finish();
  }

  static List<EnvFrom> envFrom(Fields container) {
    List<EnvFrom> all = new ArrayList<>();
    for (Fields fields : container.mappings("envFrom")) {
      String prefix = fields.matching("prefix", Names.VARIABLE);
      Optional<Fields> configMap = fields.mapping("configMapRef");
      Optional<Fields> secret = fields.mapping("secretRef");
      if (configMap.isPresent() == secret.isPresent()) {
        fields.problem("configMapRef", ": one of configMapRef and secretRef is needed");
      }
      configMap
          .or(() -> secret)
          .ifPresent(
              reference -> {
                all.add(
                    new EnvFrom(
                        reference.required("name"),
                        secret.isPresent(),
                        prefix,
                        reference.bool("optional")));
                reference.finish();
              });
      fields.finish();
    }
    return all;
  }
}

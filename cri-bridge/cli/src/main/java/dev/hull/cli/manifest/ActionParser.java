package dev.hull.cli.manifest;

import dev.hull.cli.pod.Action;
import dev.hull.cli.pod.Action.PortRef;
import dev.hull.cli.pod.Container.Lifecycle;
import dev.hull.cli.pod.Probe;
import dev.hull.cri.v1.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads probes and hooks. */
final class ActionParser {
  private static final int MOST = Integer.MAX_VALUE;
  private static final long MOST_PORT = 65535;

  private ActionParser() {}

  static Optional<Probe> probe(Fields container, String name) {
    Optional<Fields> found = container.mapping(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    Optional<Action> action =
        action(container, fields, name, List.of("exec", "httpGet", "tcpSocket", "grpc"));
    int success = fields.small("successThreshold", 1, MOST).orElse(1);
    if (success != 1 && !name.equals("readinessProbe")) {
      fields.problem("successThreshold", ": must be 1 for " + name);
    }
    Optional<Duration> grace =
        fields
            .integer("terminationGracePeriodSeconds", 1, PodParser.MOST_SECONDS)
            .map(Duration::ofSeconds);
    if (grace.isPresent() && name.equals("readinessProbe")) {
      fields.problem("terminationGracePeriodSeconds", ": a readinessProbe ends no container");
    }
    Duration delay = seconds(fields, "initialDelaySeconds", 0, 0);
    Duration timeout = seconds(fields, "timeoutSeconds", 1, 1);
    Duration period = seconds(fields, "periodSeconds", 1, 10);
    int failure = fields.small("failureThreshold", 1, MOST).orElse(3);
    fields.finish();
    return action.map(a -> new Probe(a, delay, timeout, period, success, failure, grace));
  }

  static Lifecycle lifecycle(Fields container) {
    Optional<Fields> found = container.mapping("lifecycle");
    if (found.isEmpty()) {
      return Lifecycle.NONE;
    }
    Fields fields = found.get();
    Lifecycle lifecycle =
        new Lifecycle(
            hook(container, fields, "postStart"),
            hook(container, fields, "preStop"),
            fields.string("stopSignal"));
    lifecycle
        .stopSignal()
        .filter(signal -> !isSignal(signal))
        .ifPresent(
            signal ->
                fields.problem("stopSignal", ": " + signal + " is no signal such as SIGTERM"));
    fields.finish();
    return lifecycle;
  }

  private static boolean isSignal(String name) {
    String wanted = "SIGNAL_" + name.replace("+", "PLUS").replace("-", "MINUS");
    return Arrays.stream(Signal.values()).anyMatch(signal -> signal.name().equals(wanted));
  }

  private static Optional<Action> hook(Fields container, Fields lifecycle, String name) {
    return lifecycle
        .mapping(name)
        .flatMap(
            fields -> {
              Optional<Action> action =
                  action(container, fields, name, List.of("exec", "httpGet", "tcpSocket", "sleep"));
              fields.finish();
              return action;
            });
  }

  private static Duration seconds(Fields fields, String name, int least, long otherwise) {
    return Duration.ofSeconds(fields.integer(name, least, MOST).orElse(otherwise));
  }

  /** The one of these actions that is there. */
  private static Optional<Action> action(
      Fields container, Fields fields, String name, List<String> allowed) {
    Map<String, Function<Fields, Action>> kinds = new LinkedHashMap<>();
    kinds.put("exec", ActionParser::exec);
    kinds.put("httpGet", get -> httpGet(container, get));
    kinds.put("tcpSocket", tcp -> new Action.TcpSocket(host(tcp), port(container, tcp)));
    kinds.put("grpc", ActionParser::grpc);
    kinds.put("sleep", s -> new Action.Sleep(Duration.ofSeconds(sleep(s))));
    List<Action> actions = new ArrayList<>();
    for (String kind : allowed) {
      Optional<Fields> found = fields.mapping(kind);
      if (found.isPresent()) {
        Action action = kinds.getOrDefault(kind, ActionParser::exec).apply(found.get());
        found.get().finish();
        actions.add(action);
        if (actions.size() > 1) {
          fields.problem(kind, ": " + name + " does one thing, and has another already");
        }
      }
    }
    if (actions.isEmpty() && allowed.stream().noneMatch(fields::has)) {
      container.problem(
          container.has(name) ? name : "lifecycle",
          (container.has(name) ? "" : "." + name)
              + ": says nothing to do; write one of "
              + String.join(", ", allowed));
    }
    return actions.stream().findFirst();
  }

  private static Action exec(Fields fields) {
    List<String> command = fields.strings("command");
    if (command.isEmpty()) {
      fields.problem("command", ": is missing");
    }
    return new Action.Exec(command);
  }

  private static Action httpGet(Fields container, Fields fields) {
    PortRef port = port(container, fields);
    boolean tls = fields.choice("scheme", Map.of("HTTP", false, "HTTPS", true), false);
    List<Action.Header> headers = new ArrayList<>();
    for (Fields header : fields.mappings("httpHeaders")) {
      String name = header.required("name");
      if (!name.isEmpty() && !name.matches("[-!#$%&'*+.^_`|~A-Za-z0-9]+")) {
        header.problem("name", ": " + name + " is no name of a header");
      }
      headers.add(new Action.Header(name, header.string("value").orElse("")));
      header.finish();
    }
    fields.refuse("protocol", "only HTTP/1.1 is spoken yet; leave it out");
    String path = fields.string("path").orElse("/");
    return new Action.HttpGet(
        host(fields), port, path.startsWith("/") ? path : "/" + path, tls, headers);
  }

  private static Action grpc(Fields fields) {
    int port = fields.small("port", 1, (int) MOST_PORT).orElse(0);
    if (!fields.has("port")) {
      fields.problem("port", ": is missing");
    }
    fields.refuse("mode", "only plain gRPC is spoken yet; leave it out");
    return new Action.Grpc(port, fields.string("service").orElse(""));
  }

  private static long sleep(Fields fields) {
    if (!fields.has("seconds")) {
      fields.problem("seconds", ": is missing");
    }
    return fields.integer("seconds", 0, PodParser.MOST_SECONDS).orElse(0L);
  }

  private static String host(Fields fields) {
    String host = fields.string("host").orElse("");
    if (!host.isEmpty() && !host.matches("[-A-Za-z0-9.:_]+")) {
      fields.problem("host", ": " + host + " is no host");
    }
    return host;
  }

  private static PortRef port(Fields container, Fields fields) {
    if (!fields.has("port")) {
      fields.problem("port", ": is missing");
      return new PortRef.Numbered(0);
    }
    Optional<String> text = fields.quantity("port");
    if (text.isPresent() && text.get().matches("\\d+")) {
      return new PortRef.Numbered(fields.small("port", 1, (int) MOST_PORT).orElse(0));
    }
    String name = text.orElse("");
    Names.PORT.check(fields, "port", name);
    boolean known =
        container.mappings("ports").stream()
            .anyMatch(port -> port.string("name").orElse("").equals(name));
    if (!name.isEmpty() && !known) {
      fields.problem("port", ": no port of the container has the name " + name);
    }
    return new PortRef.Named(name);
  }
}

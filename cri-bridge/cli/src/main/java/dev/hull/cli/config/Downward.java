package dev.hull.cli.config;

import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.FieldRef;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.ResourceRef;
import dev.hull.cli.pod.Resources;
import dev.hull.cri.kubernetes.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What containers are told of their own pod: Kubernetes' downward API. */
public final class Downward {
  private final Pod pod;
  private final Facts facts;

  public Downward(Pod pod, Facts facts) {
    this.pod = pod;
    this.facts = facts;
  }

  /** A field's value; empty for a label that is not there. */
  public String field(FieldRef field) {
    return switch (field.kind()) {
      case NAME -> pod.name();
      case NAMESPACE -> pod.namespace();
      case UID -> facts.uid();
      case LABEL -> pod.labels().getOrDefault(field.key(), "");
      case ANNOTATION -> pod.annotations().getOrDefault(field.key(), "");
      case LABELS -> lines(pod.labels());
      case ANNOTATIONS -> lines(pod.annotations());
      case NODE_NAME -> facts.nodeName();
      case SERVICE_ACCOUNT -> pod.serviceAccountName();
      case HOST_IP -> facts.hostIps().stream().findFirst().orElse("");
      case HOST_IPS -> String.join(",", facts.hostIps());
      case POD_IP -> facts.podIps().stream().findFirst().orElse("");
      case POD_IPS -> String.join(",", facts.podIps());
    };
  }

  /** An amount of a container, in divisors, rounded up. A limit that is not set is the host's. */
  public String resource(Container asking, ResourceRef reference) throws MissingException {
    Container container =
        reference.container().isEmpty()
            ? asking
            : pod.everyContainer()
                .filter(candidate -> candidate.name().equals(reference.container()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new MissingException("the pod has no container " + reference.container()));
    Resources resources = container.resources();
    BigDecimal amount =
        reference.limit()
            ? resources.limit(reference.resource()).orElseGet(() -> ofHost(reference.resource()))
            : resources.request(reference.resource()).orElse(BigDecimal.ZERO);
    return Quantity.ceiling(amount.divide(reference.divisor(), MathContext.DECIMAL64))
        .toBigInteger()
        .toString();
  }

  private BigDecimal ofHost(String resource) {
    return switch (resource) {
      case Resources.CPU -> facts.hostCpus();
      case Resources.MEMORY -> facts.hostMemory();
      default -> BigDecimal.ZERO;
    };
  }

  /** {@code key="value"}, a line each, as the kubelet writes them. */
  private static String lines(Map<String, String> map) {
    return new TreeMap<>(map)
        .entrySet().stream()
            .map(entry -> entry.getKey() + "=" + quoted(entry.getValue()))
            .collect(Collectors.joining("\n"));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}

package dev.hull.cli.manifest;

import dev.hull.cli.pod.Resources;
import dev.hull.cri.kubernetes.Quantity;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads requests and limits. */
final class ResourcesParser {
  private ResourcesParser() {}

  static Resources resources(Fields parent, String name) {
    Optional<Fields> found = parent.mapping(name);
    if (found.isEmpty()) {
      return Resources.NONE;
    }
    Fields fields = found.get();
    Map<String, BigDecimal> requests = amounts(fields, "requests");
    Map<String, BigDecimal> limits = amounts(fields, "limits");
    fields.refuse("claims", "there are no device drivers of a cluster here; leave them out");
    fields.finish();
    requests.forEach(
        (resource, request) -> {
          BigDecimal limit = limits.get(resource);
          if (limit != null && request.compareTo(limit) > 0) {
            fields.problem(
                "requests", "." + resource + ": must be less than or equal to its limit");
          }
        });
    return new Resources(requests, limits);
  }

  static Map<String, BigDecimal> amounts(Fields parent, String name) {
    Map<String, BigDecimal> amounts = new LinkedHashMap<>();
    Optional<Fields> found = parent.mapping(name);
    if (found.isEmpty()) {
      return amounts;
    }
    Fields fields = found.get();
    for (String resource : new String[] {Resources.CPU, Resources.MEMORY, Resources.STORAGE}) {
      fields
          .quantity(resource)
          .ifPresent(
              text ->
                  Quantity.parse(text)
                      .ifPresentOrElse(
                          amount -> amounts.put(resource, amount),
                          () ->
                              fields.problem(
                                  resource,
                                  ": " + text + " is not a quantity such as 250m or 64Mi")));
    }
    for (String resource : fields.keys()) {
      if (resource.startsWith("hugepages-")) {
        fields.refuse(resource, "machines have no huge pages to give; leave it out");
      } else if (resource.contains("/")) {
        fields.refuse(resource, "there are no devices of that name here; leave it out");
      }
    }
    fields.finish();
    return amounts;
  }
}

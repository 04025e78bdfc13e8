package dev.hull.cli.objects;

import dev.hull.cli.pod.Claim;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Secret;
import java.util.Optional;

/** What pods refer to by name, as it is now. Safe for use from many threads. */
public interface Objects {
  Optional<ConfigMap> configMap(String namespace, String name);

  Optional<Secret> secret(String namespace, String name);

  Optional<Claim> claim(String namespace, String name);
}

package dev.hull.cli.supervisor;

import dev.hull.cli.manifest.Document;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.Claim;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Secret;
import dev.hull.cli.supervisor.Spool.Thing;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** The objects that were applied, as they are now. */
final class SpoolObjects implements Objects {
  private final Spool spool;
  private final Consumer<String> complaints;

  SpoolObjects(Spool spool, Consumer<String> complaints) {
    this.spool = spool;
    this.complaints = complaints;
  }

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return find("ConfigMap", namespace, name, Document.OfConfigMap.class)
        .map(Document.OfConfigMap::configMap);
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return find("Secret", namespace, name, Document.OfSecret.class).map(Document.OfSecret::secret);
  }

  @Override
  public Optional<Claim> claim(String namespace, String name) {
    return find("PersistentVolumeClaim", namespace, name, Document.OfClaim.class)
        .map(Document.OfClaim::claim);
  }

  private <D extends Document> Optional<D> find(
      String kind, String namespace, String name, Class<D> type) {
    try {
      return spool
          .wanted(new Thing(kind, namespace, name))
          .map(Spool.Wanted::document)
          .filter(type::isInstance)
          .map(type::cast);
    } catch (IOException e) {
      complaints.accept(
          "cannot read " + kind + " " + namespace + "/" + name + ": " + e.getMessage());
      return Optional.empty();
    }
  }
}

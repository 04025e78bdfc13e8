package dev.hull.cli.objects;

import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.pod.Claim;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Secret;
import java.util.List;
import java.util.Optional;

/** The objects of one manifest. */
public final class ManifestObjects implements Objects {
  private final List<Document> documents;

  public ManifestObjects(Manifest manifest) {
    this.documents = manifest.documents();
  }

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return documents.stream()
        .filter(Document.OfConfigMap.class::isInstance)
        .map(document -> ((Document.OfConfigMap) document).configMap())
        .filter(found -> found.namespace().equals(namespace) && found.name().equals(name))
        .findFirst();
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return documents.stream()
        .filter(Document.OfSecret.class::isInstance)
        .map(document -> ((Document.OfSecret) document).secret())
        .filter(found -> found.namespace().equals(namespace) && found.name().equals(name))
        .findFirst();
  }

  @Override
  public Optional<Claim> claim(String namespace, String name) {
    return documents.stream()
        .filter(Document.OfClaim.class::isInstance)
        .map(document -> ((Document.OfClaim) document).claim())
        .filter(found -> found.namespace().equals(namespace) && found.name().equals(name))
        .findFirst();
  }
}

package dev.hull.cli.manifest;

import dev.hull.cli.pod.Claim;
import dev.hull.cri.kubernetes.Quantity;
import java.util.Optional;

/** Reads PersistentVolumeClaims. */
final class ClaimParser {
  private ClaimParser() {}

  static Claim claim(Fields fields) {
    Metadata metadata = Metadata.of(fields);
    Optional<Fields> spec = fields.mapping("spec");
    fields.unused("status");
    fields.finish();
    long bytes = spec.map(ClaimParser::spec).orElse(0L);
    return new Claim(metadata.namespace(), metadata.name(), bytes);
  }

  private static long spec(Fields spec) {
    // There is one node, and one kind of storage: a folder on it.
    spec.unused("storageClassName", "volumeAttributesClassName", "volumeName", "selector");
    for (String mode : spec.strings("accessModes")) {
      if (!mode.matches("Read(WriteOnce|WriteOncePod|OnlyMany|WriteMany)")) {
        spec.problem(
            "accessModes",
            ": "
                + mode
                + " is none of ReadWriteOnce, ReadWriteOncePod,"
                + " ReadOnlyMany and ReadWriteMany");
      }
    }
    if (!spec.string("volumeMode").orElse("Filesystem").equals("Filesystem")) {
      spec.problem("volumeMode", ": must be Filesystem; a claim is a folder here");
    }
    spec.refuse("dataSource", "there is nothing to copy it from; copy into the claim by a Pod");
    spec.refuse("dataSourceRef", "there is nothing to copy it from; copy into the claim by a Pod");
    long bytes = 0;
    Optional<Fields> resources = spec.mapping("resources");
    if (resources.isPresent()) {
      Optional<Fields> requests = resources.get().mapping("requests");
      if (requests.isPresent()) {
        Optional<String> storage = requests.get().quantity("storage");
        if (storage.isPresent()) {
          Optional<Long> parsed = Quantity.bytes(storage.get());
          if (parsed.isEmpty()) {
            requests
                .get()
                .problem("storage", ": " + storage.get() + " is not a quantity such as 1Gi");
          }
          bytes = parsed.orElse(0L);
        }
        requests.get().finish();
      }
      resources.get().unused("limits");
      resources.get().finish();
    }
    spec.finish();
    return bytes;
  }
}

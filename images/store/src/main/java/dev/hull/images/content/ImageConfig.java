package dev.hull.images.content;

import dev.hull.images.Digest;
import dev.hull.images.Image;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.util.List;
import java.util.Optional;

/**
 * An image's config: what it runs on, the layers it wants, and how to run it.
 *
 * @param diffIds lowest layer first
 */
public record ImageConfig(Platform platform, List<Digest> diffIds, Image.Config run) {
  public ImageConfig {
    diffIds = List.copyOf(diffIds);
  }

  /**
   * Reads a config.
   *
   * @throws ImageException INVALID, with the field
   */
  public static ImageConfig read(byte[] bytes) {
    Fields fields = Fields.parse(bytes, "config");
    Platform platform =
        new Platform(
            fields.requiredString("os"),
            fields.requiredString("architecture"),
            fields.string("variant"));
    Fields rootfs = fields.object("rootfs");
    if (!rootfs.string("type").equals("layers")) {
      throw new ImageException(Kind.INVALID, "config.rootfs.type is not 'layers'");
    }
    Fields run = fields.object("config");
    return new ImageConfig(
        platform,
        rootfs.digests("diff_ids"),
        new Image.Config(
            run.string("User"),
            run.strings("Env"),
            run.strings("Entrypoint"),
            run.strings("Cmd"),
            run.string("WorkingDir"),
            Optional.of(run.string("StopSignal")).filter(signal -> !signal.isEmpty()),
            run.object("Volumes").names(),
            run.object("ExposedPorts").names(),
            run.stringMap("Labels")));
  }

  /**
   * Compares with the manifest that names it and with the machine that is to run it.
   *
   * @throws ImageException if the config is not one for this manifest, or not for {@code machine}
   */
  public void check(Manifest.Single manifest, Platform machine) {
    if (!platform.runsOn(machine)) {
      throw new ImageException(
          Kind.NOT_FOUND,
          "there is none for "
              + machine
              + ", only for "
              + ManifestReader.clip(platform.toString()));
    }
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageException(
          Kind.INVALID,
          "its manifest has " + manifest.layers().size() + " layers, its config " + diffIds.size());
    }
  }
}

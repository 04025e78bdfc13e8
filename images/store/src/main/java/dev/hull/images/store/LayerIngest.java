package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Progress;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.layer.InvalidLayerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Brings one layer in: transferred, digested, uncompressed, digested, transcoded, all in one
 * stream; visible only when everything was right. A layer that two images want at once is brought
 * in once.
 */
final class LayerIngest {
  private final StoreFolder folder;
  private final LayerWriter writer;
  private final Limits limits;
  private final KeyedLocks<Digest> underWay = new KeyedLocks<>();

  LayerIngest(StoreFolder folder, LayerWriter writer, Limits limits) {
    this.folder = folder;
    this.writer = writer;
    this.limits = limits;
  }

  /** Blocks until the layer is in the folder, whoever brings it there. */
  void ingest(ContentSource source, Descriptor descriptor, Digest diffId, Progress progress) {
    underWay.run(
        diffId,
        () -> {
          if (!folder.hasLayer(diffId)) {
            bring(source, descriptor, diffId, progress);
          }
          progress.layerDone(diffId);
        });
  }

  private void bring(
      ContentSource source, Descriptor descriptor, Digest diffId, Progress progress) {
    Path file = folder.newTemporary();
    try {
      try {
        stream(source, descriptor, diffId, progress, file);
        folder.commitLayer(file, diffId);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw DiskFull.explain(
          folder.root(), "its layer " + descriptor.digest(), descriptor.size(), e);
    }
  }

  private void stream(
      ContentSource source, Descriptor descriptor, Digest diffId, Progress progress, Path file)
      throws IOException {
    try (InputStream blob = source.blob(descriptor);
        DigestingStream compressed =
            new DigestingStream(
                blob,
                descriptor.size(),
                () -> corrupt(descriptor, "it is longer than its manifest says"),
                count -> progress.layerAdvanced(diffId, count))) {
      try (DigestingStream tar =
          new DigestingStream(
              Decompression.open(
                  compressed,
                  e -> corrupt(descriptor, "it cannot be uncompressed (" + e.getMessage() + ")")),
              limits.maxLayerBytes(),
              () -> tooLarge(descriptor),
              _ -> {})) {
        writer.write(tar, file);
        tar.drain();
        compressed.drain();
        checkTransfer(descriptor, compressed);
        Digest unpacked = tar.digest();
        if (!unpacked.equals(diffId)) {
          throw corrupt(
              descriptor, "unpacked it is " + unpacked + " where its config says " + diffId);
        }
      } catch (InvalidLayerException e) {
        // What is wrong with it may be no more than what the way here did to it.
        compressed.drain();
        checkTransfer(descriptor, compressed);
        throw new ImageException(
            Kind.INVALID, "its layer " + descriptor.digest() + " is refused: " + e.getMessage(), e);
      }
    }
  }

  private static void checkTransfer(Descriptor descriptor, DigestingStream compressed) {
    if (compressed.count() != descriptor.size()) {
      throw corrupt(
          descriptor,
          "it ends after " + compressed.count() + " of " + descriptor.size() + " bytes");
    }
    Digest received = compressed.digest();
    if (!received.equals(descriptor.digest())) {
      throw corrupt(descriptor, "what came has the digest " + received);
    }
  }

  private static ImageException corrupt(Descriptor descriptor, String reason) {
    return new ImageException(
        Kind.CORRUPT,
        "its layer "
            + descriptor.digest()
            + " is corrupt: "
            + reason
            + "; try again, and if it stays so, the image must be made and pushed afresh");
  }

  private ImageException tooLarge(Descriptor descriptor) {
    return new ImageException(
        Kind.INVALID,
        "its layer "
            + descriptor.digest()
            + " unpacks to more than "
            + limits.maxLayerBytes()
            + " bytes, which is the most that is taken");
  }
}

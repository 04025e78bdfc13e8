package dev.hull.images.store;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The store's files: every path, and the only ways to write. What is visible is whole: written,
 * synced and renamed. Layers may be read by everybody, for QEMU has a user of its own; the rest is
 * ours alone.
 *
 * <pre>
 * lock                    held while the store is open
 * catalog.json            images, names, pins
 * layers/HEX.erofs        by the digest of the layer's tar
 * documents/HEX           configs and manifests, by their digests
 * temporary/              emptied when the store is opened
 * reserve                 lets a name be removed although the disk is full
 * </pre>
 */
final class StoreFolder implements AutoCloseable {
  private static final String SUFFIX = ".erofs";
  private static final int RESERVE_BYTES = 256 << 10;

  private final Path root;
  private final Path layers;
  private final Path documents;
  private final Path temporary;
  private final StoreLock lock;
  private final AtomicLong number = new AtomicLong();

  private StoreFolder(Path root) throws IOException {
    this.root = root;
    this.layers = root.resolve("layers");
    this.documents = root.resolve("documents");
    this.temporary = root.resolve("temporary");
    makeFolder(root, "rwxr-xr-x");
    this.lock = StoreLock.take(root);
    try {
      makeFolder(layers, "rwxr-xr-x");
      makeFolder(documents, "rwx------");
      makeFolder(temporary, "rwx------");
      emptyTemporary();
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** Makes what is missing, takes the lock, and clears away what a killed process left. */
  static StoreFolder open(Path root) {
    try {
      return new StoreFolder(root);
    } catch (IOException e) {
      throw new ImageException(
          Kind.INTERNAL,
          "cannot open the image store in " + root + ": " + e + "; check its owner and mode",
          e);
    }
  }

  private static void makeFolder(Path folder, String mode) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
  }

  private void emptyTemporary() throws IOException {
    Files.walkFileTree(
        temporary,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (!folder.equals(temporary)) {
              Files.delete(folder);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  Path root() {
    return root;
  }

  Path temporaryFolder() {
    return temporary;
  }

  /** A path that nothing has yet. */
  Path newTemporary() {
    return temporary.resolve("new-" + number.incrementAndGet());
  }

  Path layer(Digest diffId) {
    return layers.resolve(diffId.hex() + SUFFIX);
  }

  boolean hasLayer(Digest diffId) {
    return Files.isRegularFile(layer(diffId));
  }

  /** Those that are there, whether an image has them or not. */
  List<Digest> layers() throws IOException {
    try (Stream<Path> files = Files.list(layers)) {
      List<Digest> found = new ArrayList<>();
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.matches("[0-9a-f]{64}\\.erofs")) {
          found.add(new Digest("sha256:" + name.substring(0, 64)));
        }
      }
      return found;
    }
  }

  List<Digest> documents() throws IOException {
    try (Stream<Path> files = Files.list(documents)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{64}"))
          .map(name -> new Digest("sha256:" + name))
          .toList();
    }
  }

  void commitLayer(Path temporaryFile, Digest diffId) throws IOException {
    commit(temporaryFile, layer(diffId), "rw-r--r--");
  }

  void deleteLayer(Digest diffId) throws IOException {
    Files.deleteIfExists(layer(diffId));
  }

  Optional<byte[]> readDocument(Digest digest) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(documents.resolve(digest.hex())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void writeDocument(Digest digest, byte[] bytes) throws IOException {
    Path target = documents.resolve(digest.hex());
    if (!Files.exists(target)) {
      write(target, bytes);
    }
  }

  void deleteDocument(Digest digest) throws IOException {
    Files.deleteIfExists(documents.resolve(digest.hex()));
  }

  Path catalog() {
    return root.resolve("catalog.json");
  }

  void writeCatalog(byte[] bytes) throws IOException {
    write(catalog(), bytes);
  }

  /** As {@link #writeCatalog}, at the cost of the reserve if there is no other room. */
  void writeCatalogWhenFull(byte[] bytes) throws IOException {
    try {
      writeCatalog(bytes);
    } catch (IOException e) {
      if (!DiskFull.isFull(e, root) || !Files.deleteIfExists(reserve())) {
        throw e;
      }
      writeCatalog(bytes);
    }
  }

  /** Sets the reserve aside again if it was used and there is room. */
  void refillReserve() {
    if (Files.exists(reserve())) {
      return;
    }
    try {
      write(reserve(), new byte[RESERVE_BYTES]);
    } catch (IOException e) {
      // There will be room after a removal to come; write has removed what it began.
    }
  }

  private Path reserve() {
    return root.resolve("reserve");
  }

  private void write(Path target, byte[] bytes) throws IOException {
    Path file = newTemporary();
    try {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
      commit(file, target, "rw-------");
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void commit(Path file, Path target, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    sync(file, StandardOpenOption.WRITE);
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    // The name is safe only when its folder is.
    sync(parent(target), StandardOpenOption.READ);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("no folder: " + path);
    }
    return parent;
  }

  private static void sync(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }

  /** Counts as it walks; what goes away meanwhile is not counted. */
  Images.Usage usage() throws IOException {
    long[] counts = new long[2];
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            counts[1]++;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            counts[0] += attributes.size();
            counts[1]++;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return new Images.Usage(root, counts[0], counts[1]);
  }

  @Override
  public void close() {
    lock.close();
  }
}
